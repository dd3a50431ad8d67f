import { maxOutboxBytes, maxOutboxEvents, minAdoptionAgeMs } from './limits.ts'
import { maxEventAgeMs } from './protocol-values.ts'
import { type Store, flagName } from './store.ts'

/** An event that waits for the server's decision. */
export interface QueuedEvent {
  /** The page load that numbered the event. */
  readonly client: string
  /** Identifies the event permanently, in any tab: `<client> <n>`. */
  readonly id: string
  /** Time of the event, in milliseconds since 1970. */
  readonly at: number
  /** The event as JSON, as it is sent. */
  readonly json: string
  /** Length of `json` in UTF-8, in bytes. */
  readonly bytes: number
}

/**
 * The events without a decision of the server, oldest first. It is bounded; overflow drops the oldest. If it is
 * durable, the storage has them too.
 */
export interface Outbox {
  readonly entries: ReadonlyMap<string, QueuedEvent>
  /** Total size of the events, in bytes. */
  readonly bytes: number
  /** Whether events are stored, so that they survive the page. */
  readonly isDurable: boolean
  /** Adds an event, or moves it to the end. */
  add(entry: QueuedEvent): void
  /** Removes an event. Returns whether the outbox contained it. */
  remove(entry: QueuedEvent): boolean
  /** Begins or ends storing events. Ending deletes everything that is stored, also by other pages. */
  setDurable(isDurable: boolean): void
  /**
   * Deletes stored events of other pages that are too old, or exceed the limits together with those of this page, and
   * returns those that were not stored just now, so that their page probably has ended.
   * @param now by the wall clock, in milliseconds since 1970
   */
  readLeft(now: number): QueuedEvent[]
  /** Deletes everything, also in the storage. */
  clear(): void
}

/**
 * @param client id of this page
 * @param onDrop is called for each dropped event
 */
export function createOutbox(
  store: Store,
  client: string,
  onDrop: (reason: string) => void,
): Outbox {
  const entries = new Map<string, QueuedEvent>()

  function clearStore(): void {
    store
      .names()
      .filter(name => name !== flagName)
      .forEach(store.erase)
  }

  const outbox = {
    entries,
    bytes: 0,
    isDurable: false,
    add(entry: QueuedEvent) {
      if (!entries.delete(entry.id)) outbox.bytes += entry.bytes
      entries.set(entry.id, entry)
      if (outbox.isDurable) store.write(entry.id, entry.json)
      for (const oldest of entries.values()) {
        if (entries.size <= maxOutboxEvents && outbox.bytes <= maxOutboxBytes) return
        outbox.remove(oldest)
        onDrop('outbox_limit')
      }
    },
    remove(entry: QueuedEvent) {
      if (!entries.delete(entry.id)) return false
      outbox.bytes -= entry.bytes
      if (outbox.isDurable) store.erase(entry.id)
      return true
    },
    setDurable(isDurable: boolean) {
      outbox.isDurable = isDurable
      if (isDurable) [...entries.values()].forEach(outbox.add)
      else clearStore()
    },
    readLeft(now: number) {
      let count = entries.size
      let { bytes } = outbox
      return (
        readStored(store)
          .filter(entry => entry.client !== client && !entries.has(entry.id))
          // `filter` has made a new array, and `toSorted` is missing in older browsers.
          // oxlint-disable-next-line unicorn/no-array-sort
          .sort((a, b) => b.at - a.at)
          .filter(entry => {
            count += 1
            bytes += entry.bytes
            const isTooOld = entry.at < now - maxEventAgeMs
            // After the clock was set back, a time is in the future.
            if (!isTooOld && count <= maxOutboxEvents && bytes <= maxOutboxBytes)
              return Math.abs(now - entry.at) > minAdoptionAgeMs
            store.erase(entry.id)
            onDrop(isTooOld ? 'too_old' : 'outbox_limit')
            return false
          })
      )
    },
    clear() {
      for (const entry of entries.values()) {
        outbox.remove(entry)
        onDrop('cleared')
      }
      clearStore()
    },
  }
  return outbox
}

function readStored(store: Store): QueuedEvent[] {
  return store.names().flatMap(id => {
    const [client = '', n] = id.split(' ')
    const json = n && store.read(id)
    return json ? toEntry(client, id, Number(/"timestamp":(\d+)/.exec(json)?.[1] ?? 0), json) : []
  })
}

export function toEntry(client: string, id: string, at: number, json: string): QueuedEvent {
  return { client, id, at, json, bytes: byteLength(json) }
}

/** Returns the length of a text in UTF-8, in bytes. */
export function byteLength(text: string): number {
  // Most events are ASCII.
  return /[^\0-\x7f]/.test(text) ? new TextEncoder().encode(text).length : text.length
}
