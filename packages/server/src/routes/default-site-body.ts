import { type EventCode, eventErrors, isObject } from '@tidemark/protocol'
import { problem } from '../http/problem.ts'
import { parseBatch, parseJsonObject } from '../ingest/batch.ts'
import { countRefusal } from '../sites/site.ts'
import type { RouteContext } from './context.ts'
import type { ParseBody } from './event-intake.ts'

/** A time with its UTC offset, in ISO 8601. */
const isoTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/

/** Describes the fault of an event. These endpoints accept ISO 8601 times, unlike the protocol. */
export function describeRejection(code: EventCode): string {
  return code === 'timestamp_invalid'
    ? '`timestamp` is not a time from 1970 to 9999. Send milliseconds since 1970, or ISO 8601 with the UTC offset, ' +
        'such as "2026-12-01T12:00:00Z" or "2026-12-01T13:00:00+01:00".'
    : eventErrors[code]
}

/** Creates the parser of a body with one event, which must have `name` and `visitorId`. */
export function createEventParser(c: RouteContext): ParseBody {
  return (text, describesVisitors) => {
    const event = parseJsonObject(text)
    if (!event) {
      return refuse(
        c,
        'body_invalid',
        'Send one event as a JSON object, or a batch to `events/batch`.',
      )
    }
    if ('events' in event) {
      return refuse(
        c,
        'body_invalid',
        'Send a batch to `events/batch`, or one event without `events`.',
      )
    }
    const missing = ['name', 'visitorId'].filter(field => isMissing(event[field]))
    if (missing.length > 0) return refuse(c, 'event_rejected', describeMissing(missing, event))
    return parseNormalized(event, describesVisitors)
  }
}

/** Creates the parser of a body with a list of events. One without a `visitorId` is rejected. */
export function createBatchParser(c: RouteContext): ParseBody {
  return (text, describesVisitors) => {
    const batch = parseJsonObject(text)
    if (!batch) {
      return refuse(
        c,
        'body_invalid',
        'Send {"events": [...]}, a JSON object with the list, or one event to `events`.',
      )
    }
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

/** @param fields the missing ones, which are absent, `null` or empty */
function describeMissing(fields: readonly string[], event: Record<string, unknown>): string {
  const states = fields.map(field => `\`${field}\` is ${event[field] === '' ? 'empty' : 'missing'}`)
  const remedy = fields.length > 1 ? 'Send both as non-empty strings.' : 'Send a non-empty string.'
  return `${states.join(', and ')}. ${remedy}`
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
