import { type ComputedRef, computed } from 'vue'
import { maxNewRows } from './useRowMotion.ts'

/**
 * Returns a key for each row of a list. When many rows are replaced at once, new rows take the keys of removed ones:
 * changing the texts of existing elements takes a fraction of the time of creating elements. A few new rows get new
 * keys, so that each has its own element, which can be animated.
 *
 * @param ids returns the ids of the rows, in order; each id once
 * @returns keys by id
 */
export function useRowKeys(
  ids: () => readonly string[] | undefined,
): ComputedRef<ReadonlyMap<string, number>> {
  let keyCount = 0

  return computed<ReadonlyMap<string, number>>((previous = new Map()) => {
    const current = ids() ?? []
    const shown = new Set(current)
    const newCount = current.filter(id => !previous.has(id)).length
    const unused = [...previous].filter(([id]) => !shown.has(id)).map(([, key]) => key)
    if (newCount <= maxNewRows) unused.length = 0
    return new Map(current.map(id => [id, previous.get(id) ?? unused.shift() ?? ++keyCount]))
  })
}
