import { type Ref, onScopeDispose, readonly, ref } from 'vue'

/** Returns the time in milliseconds since 1970, updated every `everyMs` while the page is visible. */
export function useNow(everyMs: number): Readonly<Ref<number>> {
  const now = ref(Date.now())
  const timer = setInterval(() => {
    if (!document.hidden) now.value = Date.now()
  }, everyMs)
  onScopeDispose(() => clearInterval(timer))
  return readonly(now)
}
