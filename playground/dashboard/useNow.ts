import { type Ref, onScopeDispose, readonly, ref } from 'vue'

/** The time in milliseconds since 1970, as often as asked for while the page is shown. */
export function useNow(everyMs: number): Readonly<Ref<number>> {
  const now = ref(Date.now())
  const timer = setInterval(() => {
    if (!document.hidden) now.value = Date.now()
  }, everyMs)
  onScopeDispose(() => clearInterval(timer))
  return readonly(now)
}
