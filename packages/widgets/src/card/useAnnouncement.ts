import { type Ref, onScopeDispose, readonly, shallowRef, watch } from 'vue'

/** A counter that changes all the time must not keep a screen reader busy. */
const minIntervalMs = 30_000

/** Time until an announced text is removed, so that a reader who moves through the page does not hear it again. */
const shownMs = 1000

/**
 * Returns a throttled text for a live region, for a second each. The first text is announced at once; a later one at
 * the earliest 30 seconds after the previous announcement, with the latest value.
 */
export function useAnnouncement(text: () => string): Readonly<Ref<string>> {
  const announcement = shallowRef('')
  let announced = ''
  let timer: ReturnType<typeof setTimeout> | undefined

  function announce(): void {
    timer = undefined
    if (announced === text()) return
    announced = text()
    announcement.value = announced
    timer = setTimeout(clear, shownMs)
  }

  function clear(): void {
    announcement.value = ''
    timer = setTimeout(announce, minIntervalMs - shownMs)
  }

  watch(text, () => {
    if (timer === undefined) announce()
  })
  onScopeDispose(() => clearTimeout(timer))
  return readonly(announcement)
}
