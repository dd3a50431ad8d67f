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

/** What is said of an event. A page is not always typed, so some of it may be anything. */
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
 * The JSON of an event that the server will take: texts are cut to the limits of the protocol, and
 * whatever cannot be sent is left out. `undefined` when there is no name to call it by.
 */
export function formatEvent(name: unknown, details: EventDetails): string | undefined {
  // JSON leaves out what is undefined.
  const event = {
    ...details,
    name: cut(name, maxNameLength),
    visitorId: cut(details.visitorId, maxIdLength),
    referrer: cut(details.referrer, maxUrlLength),
    title: cut(details.title, maxTitleLength),
    properties: toProperties(details.properties),
    value: toNumber(details.value),
  } satisfies { [Key in keyof TrackedEvent]: TrackedEvent[Key] | undefined }
  return event.name && JSON.stringify(event)
}

/**
 * The address of a view: absolute, without credentials, and without a fragment unless `hash` asks for
 * it, since some sites keep secrets there (RFC 6749, section 4.2.2). `undefined` when it is not http
 * or https.
 * @throws {TypeError} when `url` is no address at all
 */
export function toAddress(url: string, base: string, hash: boolean): string | undefined {
  const { protocol, origin, pathname, search, hash: fragment } = new URL(url, base)
  if (!/^https?:$/.test(protocol)) return undefined
  return (origin + pathname + search + (hash ? fragment : '')).slice(0, maxUrlLength)
}

/** Properties that are flat already; what is neither text, number nor boolean is left out. */
function toProperties(given: unknown): Record<string, PropertyValue> | undefined {
  if (!isObject(given)) return undefined
  const properties: [string, PropertyValue][] = []
  for (const [name, value] of Object.entries(given)) {
    const kept =
      typeof value === 'boolean' ? value : (toNumber(value) ?? cut(value, maxPropertyTextLength))
    const key = cut(name, maxPropertyNameLength)
    if (kept !== undefined && key && properties.length < maxProperties) properties.push([key, kept])
  }
  // Unlike assignment, `fromEntries` keeps a property called `__proto__`.
  return Object.fromEntries(properties)
}

function toNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Math.abs(value) <= maxNumber ? value : undefined
}

/** The first code units of a text, but never half of a character. */
function cut(text: unknown, length: number): string | undefined {
  if (typeof text !== 'string') return undefined
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '')
}
