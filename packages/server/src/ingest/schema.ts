import {
  type EventCode,
  type EventContext,
  type TrackedEvent,
  isObject,
  limits,
} from '@tidemark/protocol'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { memoizeLast } from '../shared/memoize-last.ts'
import { defaultAddressRules } from './address-rules.ts'

/** The last millisecond of the year 9999. */
const maxTimestamp = 253_402_300_799_999

const id = Type.String({ minLength: 1, maxLength: limits.maxIdLength })
const number = Type.Number({ minimum: -limits.maxNumber, maximum: limits.maxNumber })

const contextFields = {
  visitorId: Type.Optional(id),
  sessionId: Type.Optional(id),
  userId: Type.Optional(id),
  url: Type.Optional(Type.String({ maxLength: limits.maxUrlLength })),
  referrer: Type.Optional(Type.String({ maxLength: limits.maxUrlLength })),
  title: Type.Optional(Type.String()),
} satisfies Record<Exclude<keyof EventContext, 'properties'>, unknown>

const fields = {
  ...contextFields,
  name: Type.String({ minLength: 1, maxLength: limits.maxNameLength }),
  n: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
  timestamp: Type.Optional(Type.Number({ minimum: 0, maximum: maxTimestamp })),
  value: Type.Optional(number),
}

const isContext = Compile(Type.Object(contextFields))
const isEvent = Compile(Type.Object(fields))

const isPropertyValue = Compile(
  Type.Union([Type.String({ maxLength: limits.maxPropertyTextLength }), number, Type.Boolean()]),
)

/**
 * The fields in the order in which errors are reported. TypeBox's own error list has an entry for every error, and a
 * sender could make that list arbitrarily long.
 */
const fieldChecks: readonly (readonly [keyof typeof fields, EventCode, { Check: Check }])[] = [
  ['n', 'n_invalid', Compile(fields.n)],
  ['timestamp', 'timestamp_invalid', Compile(fields.timestamp)],
  ['visitorId', 'visitor_id_invalid', Compile(id)],
  ['sessionId', 'session_id_invalid', Compile(id)],
  ['userId', 'user_id_invalid', Compile(id)],
  ['url', 'url_invalid', Compile(fields.url)],
  ['referrer', 'referrer_invalid', Compile(fields.referrer)],
  ['title', 'title_invalid', Compile(fields.title)],
  ['value', 'value_invalid', Compile(number)],
]

type Check = (value: unknown) => boolean

/** Returns the event, or the code of its first error. Unknown fields are ignored. */
export function checkEvent(event: Record<string, unknown>): TrackedEvent | EventCode {
  if (!isEvent.Check(event)) return codeOf(event)
  if (event.url !== undefined && !defaultAddressRules.parse(event.url)) return 'url_invalid'
  return hasProperties(event) ? event : 'properties_invalid'
}

/** Returns whether the shared fields of a batch are valid fields of an event. */
export function isEventContext(shared: object): shared is EventContext {
  if (!isContext.Check(shared) || !hasProperties(shared)) return false
  return shared.url === undefined || defaultAddressRules.parse(shared.url) !== undefined
}

function codeOf(event: Record<string, unknown>): EventCode {
  const invalid = fieldChecks.find(
    ([field, , schema]) => event[field] !== undefined && !schema.Check(event[field]),
  )
  return invalid?.[1] ?? 'name_invalid'
}

function hasProperties<Event extends object>(
  event: Event,
): event is Event & Pick<TrackedEvent, 'properties'> {
  if (!('properties' in event) || event.properties === undefined) return true
  const { properties } = event
  return isObject(properties) && isFlatMap(properties)
}

/** Memoized, because the shared properties of a batch are checked for each of its events. */
const isFlatMap = memoizeLast((properties: Record<string, unknown>): boolean => {
  let count = 0
  for (const name in properties) {
    if (++count > limits.maxProperties || name.length > limits.maxPropertyNameLength) return false
    if (!isPropertyValue.Check(properties[name])) return false
  }
  return true
})

const batchSchema = Type.Object({
  client: Type.Optional(id),
  sentAt: Type.Optional(Type.Number({ minimum: 0, maximum: maxTimestamp })),
  automated: Type.Optional(Type.Boolean()),
})

const isBatchHead = Compile(batchSchema)

/** Returns the batch if its own fields are valid. */
export function checkBatchHead(
  batch: Record<string, unknown>,
): { client?: string; sentAt?: number; automated?: boolean } | undefined {
  return isBatchHead.Check(batch) ? batch : undefined
}
