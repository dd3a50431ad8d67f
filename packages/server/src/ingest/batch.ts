import {
  type BrowserFacts,
  type ErrorCode,
  type EventContext,
  type VisitorFacts,
  isObject,
  limits,
} from '@tidemark/protocol'
import { pickBrowserFacts } from './browser-facts.ts'
import { factNames, findFactProblem } from './visitor-facts.ts'
import { isTooDeep } from './json-depth.ts'
import { checkBatchHead, isEventContext } from './schema.ts'

/** A body with the form of a batch. Its events are not validated yet. */
export interface ParsedBatch {
  client: string | undefined
  sentAt: number | undefined
  /** Whether a program controls the browser. */
  automated: boolean
  /** Valid facts about the browser. The log stores them with the body. */
  facts: BrowserFacts
  /** Shared fields, for events that do not have them. */
  defaults: EventContext & VisitorFacts
  /** The events as received; `undefined` for one that is not an object. */
  events: readonly (Record<string, unknown> | undefined)[]
}

/** Fields that a batch may have for all its events. A new field of `EventContext` does not compile without an entry. */
const sharedFields = Object.keys({
  visitorId: true,
  sessionId: true,
  userId: true,
  url: true,
  referrer: true,
  title: true,
  properties: true,
} satisfies Record<keyof EventContext, true>)

const noDefaults: EventContext & VisitorFacts = {}

/**
 * Parses a body: a batch, or a single event. Returns the code of the first error.
 * @param describesVisitors whether the sender may state facts about visitors
 */
export function parseBatch(body: string, describesVisitors = false): ParsedBatch | ErrorCode {
  const batch = parseJsonObject(body)
  if (!batch) return 'body_invalid'
  const head = checkBatchHead(batch)
  if (!head) return 'batch_invalid'
  const { client, sentAt, automated = false } = head
  const fields = { client, sentAt, automated, facts: pickBrowserFacts(batch) }
  if (!('events' in batch)) return { ...fields, defaults: noDefaults, events: [batch] }
  if (!Array.isArray(batch['events'])) return 'body_invalid'
  const events: readonly unknown[] = batch['events']
  if (events.length > limits.maxBatchEvents) return 'body_too_large'
  const shared = pickShared(
    batch,
    describesVisitors ? [...sharedFields, ...factNames] : sharedFields,
  )
  const isValid: boolean = isEventContext(shared) && findFactProblem(shared) === undefined
  return {
    ...fields,
    defaults: isValid ? shared : noDefaults,
    // An invalid shared field makes every event invalid that does not have the field itself.
    events: events.map(event =>
      isObject(event) ? (isValid ? event : { ...shared, ...event }) : undefined,
    ),
  }
}

function pickShared(
  batch: Record<string, unknown>,
  names: readonly string[],
): Record<string, unknown> {
  const shared: Record<string, unknown> = {}
  for (const field of names) {
    if (batch[field] !== undefined) shared[field] = batch[field]
  }
  return shared
}

/** Parses an object; `undefined` for any other text, and for one that is nested too deeply. */
export function parseJsonObject(text: string): Record<string, unknown> | undefined {
  if (isTooDeep(text)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Counts the events of a batch by the `visitorId` that they have, before their validation. */
export function countVisitors({ events, defaults }: ParsedBatch): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const event of events) {
    const visitor = event?.['visitorId'] ?? defaults.visitorId
    if (typeof visitor === 'string') counts.set(visitor, (counts.get(visitor) ?? 0) + 1)
  }
  return counts
}
