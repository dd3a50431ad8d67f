import type { FeedEntry } from '@tidemark/protocol'
import { type Ref, readonly, shallowRef, watch } from 'vue'

/** More rows than these at one time are not watched coming in; they would only be a flicker. */
const maxAnimated = 3

/**
 * The name of the transition for the next redraw of a feed: a few new rows slide in, a burst of them,
 * or a list that comes back after a while, is simply there.
 */
export function useCalmTransition(entries: () => readonly FeedEntry[]): Readonly<Ref<string>> {
  const name = shallowRef('tm-still')
  watch(entries, (after, before) => {
    const known = new Set(before.map(entry => entry.id))
    const fresh = after.filter(entry => !known.has(entry.id)).length
    name.value = fresh <= maxAnimated ? 'tm-slide' : 'tm-still'
  })
  return readonly(name)
}
