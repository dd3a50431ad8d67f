import { type Ref, onScopeDispose, readonly, shallowRef, watch } from 'vue'

/** Long enough that a screen reader is not kept busy by a number that changes all the time. */
const quietMs = 30_000

/**
 * A text for a live region: the first one at once, a later one at the earliest half a minute after
 * the one before, and then the one that holds by then.
 */
export function useAnnouncement(text: () => string): Readonly<Ref<string>> {
  const said = shallowRef('')
  let timer: ReturnType<typeof setTimeout> | undefined

  function say(): void {
    timer = undefined
    if (said.value === text()) return
    said.value = text()
    timer = setTimeout(say, quietMs)
  }

  watch(text, () => {
    if (timer === undefined) say()
  })
  onScopeDispose(() => clearTimeout(timer))
  return readonly(said)
}
