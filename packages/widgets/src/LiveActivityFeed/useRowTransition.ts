import type { FeedEntry } from '@tidemark/protocol'
import { type Ref, readonly, shallowRef, watch } from 'vue'

/** More new rows than this at once appear without animation, which would only flicker. */
const maxAnimatedRows = 3

/**
 * Returns the transition name for the next render of a feed: `tm-slide` for a few new rows, `tm-static`
 * for a burst, such as a list that returns after a pause.
 */
export function useRowTransition(entries: () => readonly FeedEntry[]): Readonly<Ref<string>> {
  const name = shallowRef('tm-static')
  watch(entries, (current, previous) => {
    const previousIds = new Set(previous.map(entry => entry.id))
    const newCount = current.filter(entry => !previousIds.has(entry.id)).length
    name.value = newCount <= maxAnimatedRows ? 'tm-slide' : 'tm-static'
  })
  return readonly(name)
}
