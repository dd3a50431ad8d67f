import { type ErrorCode, type EventContext, isObject, limits } from '@tidemark/protocol'
import { isTooDeep } from './json-depth.ts'
import { checkBatchHead, isEventContext } from './schema.ts'

/** A body that has the form of a batch. What its events are is still to be seen. */
export interface ParsedBatch {
  client: string | undefined
  sentAt: number | undefined
  /** Whether a program drives the browser. */
  automated: boolean
  /** What holds for each event that does not say it itself. */
  defaults: EventContext
  /** Each as it came, or `undefined` for one that is not an object. */
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

const none: EventContext = {}

/** Reads a body: a batch, or one bare event. */
export function parseBatch(body: string): ParsedBatch | ErrorCode {
  const batch = parseJsonObject(body)
  if (!batch) return 'body_invalid'
  const head = checkBatchHead(batch)
  if (!head) return 'batch_invalid'
  const { client, sentAt, automated = false } = head
  const all = { client, sentAt, automated }
  if (!('events' in batch)) return { ...all, defaults: none, events: [batch] }
  if (!Array.isArray(batch['events'])) return 'body_invalid'
  const events: readonly unknown[] = batch['events']
  if (events.length > limits.maxBatchEvents) return 'body_too_large'
  const shared = pickShared(batch)
  const isGood: boolean = isEventContext(shared)
  return {
    ...all,
    defaults: isGood ? shared : none,
    // What is wrong for all is wrong with each that does not say it itself.
    events: events.map(event =>
      isObject(event) ? (isGood ? event : { ...shared, ...event }) : undefined,
    ),
  }
}

function pickShared(batch: Record<string, unknown>): Record<string, unknown> {
  const shared: Record<string, unknown> = {}
  for (const field of sharedFields) {
    if (batch[field] !== undefined) shared[field] = batch[field]
  }
  return shared
}

function parseJsonObject(text: string): Record<string, unknown> | undefined {
  if (isTooDeep(text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
