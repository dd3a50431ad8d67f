import { memoizeLast } from '../shared/memoize-last.ts'
import { type ParsedBatch, parseJsonObject } from './batch.ts'

/** Returns whether events from an address are not counted. */
export type IsExcluded = (address: string) => boolean

/** A request without its excluded events. */
export interface RemainingEvents {
  readonly batch: ParsedBatch
  /** The body for the log, with `null` for each excluded event. */
  readonly body: string
  /** Indexes of the excluded events. */
  readonly excluded: ReadonlySet<number>
}

/**
 * Removes the events from excluded addresses from a batch. The other events keep their indexes.
 * @param address of the sender. A sender that describes visitors may give others, in the batch and in its events
 * @param describesVisitors whether these addresses count
 * @returns `undefined` when no event is excluded
 */
export function excludeEvents(
  body: string,
  batch: ParsedBatch,
  sender: { readonly address: string; readonly describesVisitors: boolean },
  isExcluded: IsExcluded,
): RemainingEvents | undefined {
  function addressOf(event: Record<string, unknown> | undefined): unknown {
    if (!sender.describesVisitors) return sender.address
    return event?.['address'] ?? batch.defaults.address ?? sender.address
  }
  // Most events of a batch have one address.
  const isExcludedAddress = memoizeLast(
    (address: unknown) => typeof address === 'string' && isExcluded(address),
  )
  const excluded = new Set<number>()
  for (const [index, event] of batch.events.entries()) {
    if (isExcludedAddress(addressOf(event))) excluded.add(index)
  }
  if (excluded.size === 0) return undefined
  const events = batch.events.map((event, index) => (excluded.has(index) ? undefined : event))
  return { batch: { ...batch, events }, body: removeEvents(body, excluded), excluded }
}

function removeEvents(body: string, excluded: ReadonlySet<number>): string {
  const parsed = parseJsonObject(body)
  const events: unknown = parsed?.['events']
  // A single event has no list, and nothing of it is logged.
  if (!Array.isArray(events)) return '{}'
  const kept = events.map((event: unknown, index) => (excluded.has(index) ? null : event))
  return JSON.stringify({ ...parsed, events: kept })
}
