import { type EventCode, type TrackedEvent, limits } from '@tidemark/protocol'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { parsePageUrl } from './page.ts'

/** The latest moment that a date may have: the last millisecond of the year 9999. */
const maxTimestamp = 253_402_300_799_999

const id = Type.String({ minLength: 1, maxLength: limits.maxIdLength })
const number = Type.Number({ minimum: -limits.maxNumber, maximum: limits.maxNumber })

const fields = {
  name: Type.String({ minLength: 1, maxLength: limits.maxNameLength }),
  n: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
  timestamp: Type.Optional(Type.Number({ minimum: 0, maximum: maxTimestamp })),
  visitorId: Type.Optional(id),
  sessionId: Type.Optional(id),
  userId: Type.Optional(id),
  url: Type.Optional(Type.String({ maxLength: limits.maxUrlLength })),
  referrer: Type.Optional(Type.String({ maxLength: limits.maxUrlLength })),
  title: Type.Optional(Type.String()),
  properties: Type.Optional(
    Type.Record(
      Type.String(),
      Type.Union([
        Type.String({ maxLength: limits.maxPropertyTextLength }),
        number,
        Type.Boolean(),
      ]),
      { maxProperties: limits.maxProperties },
    ),
  ),
  value: Type.Optional(number),
}

const isEvent = Compile(Type.Object(fields))

const codeOfField: ReadonlyMap<string, EventCode> = new Map([
  ['n', 'n_invalid'],
  ['timestamp', 'timestamp_invalid'],
  ['visitorId', 'visitor_id_invalid'],
  ['sessionId', 'session_id_invalid'],
  ['userId', 'user_id_invalid'],
  ['url', 'url_invalid'],
  ['referrer', 'referrer_invalid'],
  ['title', 'title_invalid'],
  ['properties', 'properties_invalid'],
  ['value', 'value_invalid'],
])

/**
 * The event, or the code of the first thing that is wrong with it. Fields that an event does not have
 * may be there; they mean nothing.
 */
export function checkEvent(event: Record<string, unknown>): TrackedEvent | EventCode {
  if (!isEvent.Check(event)) return codeOf(event)
  if (event.url !== undefined && !parsePageUrl(event.url)) return 'url_invalid'
  if (event.properties && !hasShortNames(event.properties)) return 'properties_invalid'
  return event
}

function codeOf(event: Record<string, unknown>): EventCode {
  const wrong = new Set(isEvent.Errors(event).map(error => error.instancePath.split('/')[1]))
  for (const [field, code] of codeOfField) if (wrong.has(field)) return code
  return 'name_invalid'
}

function hasShortNames(properties: object): boolean {
  return Object.keys(properties).every(name => name.length <= limits.maxPropertyNameLength)
}

const batchSchema = Type.Object({
  client: Type.Optional(id),
  sentAt: Type.Optional(Type.Number({ minimum: 0, maximum: maxTimestamp })),
})

const isBatchHead = Compile(batchSchema)

/** What a batch says of itself, when it is what it must be. */
export function checkBatchHead(
  batch: Record<string, unknown>,
): { client?: string; sentAt?: number } | undefined {
  return isBatchHead.Check(batch) ? batch : undefined
}
