import { isObject } from '@tidemark/protocol'
import { problem } from '../http/problem.ts'
import { parseBatch, parseJsonObject } from '../ingest/batch.ts'
import { countRefusal } from '../sites/site.ts'
import type { RouteContext } from './context.ts'
import type { ParseBody } from './event-intake.ts'

/** A time with its UTC offset, in ISO 8601. */
const isoTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/

/** Creates the parser of a body with one event, which must have `name` and `visitorId`. */
export function createEventParser(c: RouteContext): ParseBody {
  return (text, describesVisitors) => {
    const event = parseJsonObject(text)
    if (!event) return 'body_invalid'
    if ('events' in event) {
      return refuse(
        c,
        'body_invalid',
        'Send a batch to `events/batch`, or one event without `events`.',
      )
    }
    const missing = ['name', 'visitorId'].filter(field => isMissing(event[field]))
    if (missing.length > 0) {
      const fields = missing.map(field => `\`${field}\``).join(' and ')
      const verb = missing.length > 1 ? 'are' : 'is'
      return refuse(
        c,
        'event_rejected',
        `${fields} ${verb} missing. Send both as non-empty strings.`,
      )
    }
    return parseNormalized(event, describesVisitors)
  }
}

/** Creates the parser of a body with a list of events. One without a `visitorId` is rejected. */
export function createBatchParser(c: RouteContext): ParseBody {
  return (text, describesVisitors) => {
    const batch = parseJsonObject(text)
    if (!batch) return 'body_invalid'
    if (!Array.isArray(batch['events'])) {
      return refuse(c, 'body_invalid', '`events` is not a list. Send {"events": [...]}.')
    }
    return parseNormalized(batch, describesVisitors)
  }
}

/** Normalizes the events of a body and parses it. The log stores the normalized body. */
function parseNormalized(
  body: Record<string, unknown>,
  describesVisitors: boolean,
): ReturnType<ParseBody> {
  const { events } = body
  const shared = body['visitorId']
  const normalized = Array.isArray(events)
    ? { ...body, events: events.map((event: unknown) => normalizeEvent(event, shared)) }
    : normalizeEvent(body, shared)
  const normalizedText = JSON.stringify(normalized)
  const batch = parseBatch(normalizedText, describesVisitors)
  return typeof batch === 'string' ? batch : { body: normalizedText, batch }
}

/** Converts a time in ISO 8601 to milliseconds, and makes a missing visitor an invalid one. */
function normalizeEvent(event: unknown, sharedVisitor: unknown): unknown {
  if (!isObject(event)) return event
  const { timestamp, visitorId = sharedVisitor } = event
  const time =
    typeof timestamp === 'string' && isoTime.test(timestamp) ? Date.parse(timestamp) : NaN
  return {
    ...event,
    ...(!Number.isNaN(time) && { timestamp: time }),
    ...(isMissing(visitorId) && { visitorId: '' }),
  }
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

function refuse(
  c: RouteContext,
  code: 'body_invalid' | 'event_rejected',
  detail: string,
): Response {
  countRefusal(c.get('site'), code)
  return problem(code, { detail })
}
