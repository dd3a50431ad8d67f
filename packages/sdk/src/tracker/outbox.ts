import { maxOutboxLength, maxOutboxEvents, minAdoptionAgeMs } from './limits.ts'
import { maxEventAgeMs } from './protocol-values.ts'
import { type Store, flagName } from './store.ts'

/**
 * The events without a decision of the server, oldest first. They are bounded; overflow drops the oldest. If they are
 * durable, the storage has them too.
 */
export type Outbox = [
  /** Each event as JSON, as it is sent, by its permanent id in all tabs: `<client> <n>`. */
  entries: ReadonlyMap<string, string>,
  /** Adds an event, or moves it to the end. */
  add: (id: string, json: string) => void,
  /** Removes an event. Returns whether the outbox contained it. */
  remove: (id: string) => boolean,
  /** Begins or ends storing events. Ending deletes everything that is stored, also by other pages. */
  setDurable: (isDurable: boolean) => void,
  /** Whether events are stored, so that they survive the page. */
  isDurable: () => boolean,
  /**
   * Deletes stored events of other pages that are too old, or exceed the limits together with those of this page. With
   * `adopts` it adds those that were not stored just now, because their page probably has ended. `now` is by the wall
   * clock, in milliseconds since 1970.
   */
  bound: (now: number, adopts: boolean) => void,
  /** Deletes everything, also in the storage. */
  clear: () => void,
]

/**
 * @param client id of this page
 * @param count is called for each dropped event
 */
export function createOutbox(
  store: Store,
  listNames: () => string[],
  client: string,
  count: (result: 'dropped') => void,
): Outbox {
  const entries = new Map<string, string>()
  /** Number of characters. */
  let length = 0
  let isDurable = false

  const erase = (name: string): unknown => store('removeItem', name)

  function add(id: string, json: string): void {
    if (!entries.delete(id)) length += json.length
    entries.set(id, json)
    if (isDurable) store('setItem', id, json)
    for (const oldest of entries.keys()) {
      if (entries.size <= maxOutboxEvents && length <= maxOutboxLength) return
      remove(oldest)
      count('dropped')
    }
  }

  function remove(id: string): boolean {
    length -= (entries.get(id) ?? '').length
    if (isDurable) erase(id)
    return entries.delete(id)
  }

  function setDurable(isAllowed: boolean): void {
    isDurable = isAllowed
    if (isAllowed) for (const [id, json] of [...entries]) add(id, json)
    else for (const name of listNames()) if (name !== flagName) erase(name)
  }

  function bound(now: number, adopts: boolean): void {
    let size = entries.size
    let total = length
    // Ids sort by the age of their page. The list is new, and `toSorted` is missing in older browsers.
    // oxlint-disable-next-line unicorn/no-array-sort, unicorn/no-array-reverse
    for (const id of listNames().sort().reverse()) {
      const isForeign = id.includes(' ') && !id.startsWith(client) && !entries.has(id)
      const json = isForeign && store('getItem', id)
      if (!json) continue
      const at = Number.parseInt(json.split('"timestamp":')[1] ?? '')
      size += 1
      total += json.length
      if (at >= now - maxEventAgeMs && size <= maxOutboxEvents && total <= maxOutboxLength) {
        // After the clock was set back, a time is in the future.
        if (adopts && Math.abs(now - at) > minAdoptionAgeMs) add(id, json)
      } else {
        erase(id)
        count('dropped')
      }
    }
  }

  function clear(): void {
    for (const id of entries.keys()) {
      remove(id)
      count('dropped')
    }
    setDurable(false)
  }

  return [entries, add, remove, setDurable, () => isDurable, bound, clear]
}
