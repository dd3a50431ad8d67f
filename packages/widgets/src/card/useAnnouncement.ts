import { type Ref, onScopeDispose, readonly, shallowRef, watch } from 'vue'

/** A counter that changes all the time must not keep a screen reader busy. */
const minIntervalMs = 30_000

/**
 * Returns a throttled text for a live region. The first text is announced at once; a later one at the
 * earliest 30 seconds after the previous announcement, with the latest value.
 */
export function useAnnouncement(text: () => string): Readonly<Ref<string>> {
  const announcement = shallowRef('')
  let timer: ReturnType<typeof setTimeout> | undefined

  function announce(): void {
    timer = undefined
    if (announcement.value === text()) return
    announcement.value = text()
    timer = setTimeout(announce, minIntervalMs)
  }

  watch(text, () => {
    if (timer === undefined) announce()
  })
  onScopeDispose(() => clearTimeout(timer))
  return readonly(announcement)
}
