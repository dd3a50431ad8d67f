import type { PropertyValue, TrackedEvent } from '@tidemark/protocol'
import { isObject } from '../shared/is-object.ts'
import {
  maxIdLength,
  maxNameLength,
  maxNumber,
  maxProperties,
  maxPropertyNameLength,
  maxPropertyTextLength,
  maxTitleLength,
  maxUrlLength,
} from './protocol-values.ts'

/** Fields of an event. Pages are not always typed, so values from a page are `unknown`. */
export interface EventDetails {
  n?: number
  timestamp?: number
  visitorId?: unknown
  url?: string | undefined
  referrer?: unknown
  title?: unknown
  properties?: unknown
  value?: unknown
}

/**
 * Formats an event as JSON that the server accepts: texts are truncated to the limits of the protocol, and invalid
 * values are omitted. Returns `undefined` if there is no name.
 */
export function formatEvent(name: unknown, details: EventDetails): string | undefined {
  // JSON omits undefined values.
  const event = {
    ...details,
    name: truncate(name, maxNameLength),
    visitorId: truncate(details.visitorId, maxIdLength),
    referrer: truncate(details.referrer, maxUrlLength),
    title: truncate(details.title, maxTitleLength),
    properties: toProperties(details.properties),
    value: toNumber(details.value),
  } satisfies { [Key in keyof TrackedEvent]: TrackedEvent[Key] | undefined }
  return event.name && JSON.stringify(event)
}

/**
 * Returns the URL of a view: absolute, without credentials, and with the fragment only if `hash` is set, because
 * some sites keep secrets there (RFC 6749, section 4.2.2). Returns `undefined` if it is not http or https.
 * @throws {TypeError} when `url` is not a URL
 */
export function toAddress(url: string, base: string, hash: boolean): string | undefined {
  const { protocol, origin, pathname, search, hash: fragment } = new URL(url, base)
  if (!/^https?:$/.test(protocol)) return undefined
  return (origin + pathname + search + (hash ? fragment : '')).slice(0, maxUrlLength)
}

/** Returns the properties that are text, a number or a boolean, and omits all others. */
function toProperties(input: unknown): Record<string, PropertyValue> | undefined {
  if (!isObject(input)) return undefined
  const properties: [string, PropertyValue][] = []
  for (const [name, value] of Object.entries(input)) {
    const property =
      typeof value === 'boolean'
        ? value
        : (toNumber(value) ?? truncate(value, maxPropertyTextLength))
    const key = truncate(name, maxPropertyNameLength)
    if (property !== undefined && key && properties.length < maxProperties)
      properties.push([key, property])
  }
  // Unlike assignment, `fromEntries` keeps a property named `__proto__`.
  return Object.fromEntries(properties)
}

function toNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Math.abs(value) <= maxNumber ? value : undefined
}

/** Truncates a text to a number of code units, but never inside a surrogate pair. */
function truncate(text: unknown, length: number): string | undefined {
  if (typeof text !== 'string') return undefined
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '')
}
