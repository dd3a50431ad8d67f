import { type ErrorCode, isObject, limits } from '@tidemark/protocol'
import { checkBatchHead } from './schema.ts'

/** A body that has the form of a batch. What its events are is still to be seen. */
export interface ParsedBatch {
  client: string | undefined
  sentAt: number | undefined
  /** Whether a program drives the browser. */
  automated: boolean
  /** Each with what its batch says for all, or `undefined` for one that is not an object. */
  events: readonly (Record<string, unknown> | undefined)[]
}

/** What may be said once for a whole batch. */
const sharedFields = [
  'visitorId',
  'sessionId',
  'userId',
  'url',
  'referrer',
  'title',
  'properties',
] as const

/** Reads a body: a batch, or one bare event. */
export function parseBatch(body: string): ParsedBatch | ErrorCode {
  const batch = parseJsonObject(body)
  if (!batch) return 'body_invalid'
  const head = checkBatchHead(batch)
  if (!head) return 'batch_invalid'
  const { client, sentAt, automated = false } = head
  if (!('events' in batch)) return { client, sentAt, automated, events: [batch] }
  if (!Array.isArray(batch['events'])) return 'body_invalid'
  const events: readonly unknown[] = batch['events']
  if (events.length > limits.maxBatchEvents) return 'body_too_large'
  const shared = pickShared(batch)
  return {
    client,
    sentAt,
    automated,
    events: events.map(event => (isObject(event) ? share(event, shared) : undefined)),
  }
}

/** Gives an event what its batch says for all, but for what it says itself. It is ours, as it was just parsed. */
function share(
  event: Record<string, unknown>,
  shared: readonly (readonly [string, unknown])[],
): Record<string, unknown> {
  for (const [field, value] of shared) if (!(field in event)) event[field] = value
  return event
}

function pickShared(batch: Record<string, unknown>): [string, unknown][] {
  const shared: [string, unknown][] = []
  for (const field of sharedFields) {
    if (batch[field] !== undefined) shared.push([field, batch[field]])
  }
  return shared
}

function parseJsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
