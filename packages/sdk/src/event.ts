import { type PropertyValue, type TrackedEvent, limits } from '@tidemark/protocol'

/** What the page says of an event. Nothing of it can be trusted to be what its type says. */
export interface EventDetails {
  n?: number | undefined
  timestamp?: number | undefined
  visitorId?: string | undefined
  url?: string | undefined
  referrer?: string | undefined
  title?: string | undefined
  properties?: unknown
  value?: unknown
}

/**
 * The JSON of an event that the server will take: texts are cut to the limits of the protocol, and
 * whatever cannot be sent is left out. `undefined` when there is no name to call it by.
 */
export function formatEvent(name: unknown, details: EventDetails): string | undefined {
  if (typeof name !== 'string' || name === '') return undefined
  const { n, timestamp, visitorId, url, referrer, title, properties, value } = details
  // JSON leaves out what is undefined.
  const event: { [Key in keyof TrackedEvent]: TrackedEvent[Key] | undefined } = {
    n,
    name: cut(name, limits.maxNameLength),
    timestamp,
    visitorId: visitorId && cut(visitorId, limits.maxIdLength),
    url,
    referrer: referrer && cut(referrer, limits.maxUrlLength),
    title: title && cut(title, limits.maxTitleLength),
    properties: toProperties(properties),
    value: toNumber(value),
  }
  return JSON.stringify(event)
}

/**
 * The address of a view: absolute, without credentials, and without a fragment unless `hash` asks for
 * it, since some sites keep secrets there (RFC 6749, section 4.2.2). `undefined` when it is not http
 * or https, or is too long even without its query.
 */
export function toAddress(url: string, base: string, hash: boolean): string | undefined {
  const { protocol, origin, pathname, search, hash: fragment } = new URL(url, base)
  if (!/^https?:$/.test(protocol)) return undefined
  const page = origin + pathname
  const whole = page + search + (hash ? fragment : '')
  return [whole, page].find(each => each.length <= limits.maxUrlLength)
}

/** Properties that are flat already; what is neither text, number nor boolean is left out. */
function toProperties(given: unknown): Record<string, PropertyValue> | undefined {
  if (typeof given !== 'object' || given === null) return undefined
  const properties: [string, PropertyValue][] = []
  for (const [name, value] of Object.entries(given)) {
    const kept = toPropertyValue(value)
    if (kept === undefined || properties.length >= limits.maxProperties) continue
    properties.push([cut(name, limits.maxPropertyNameLength), kept])
  }
  // Unlike assignment, `fromEntries` keeps a property called `__proto__`.
  return properties.length > 0 ? Object.fromEntries(properties) : undefined
}

function toPropertyValue(value: unknown): PropertyValue | undefined {
  if (typeof value === 'string') return cut(value, limits.maxPropertyTextLength)
  return typeof value === 'boolean' ? value : toNumber(value)
}

function toNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Math.abs(value) <= limits.maxNumber ? value : undefined
}

/** The first `length` code units of a text, but never half of a character. */
function cut(text: string, length: number): string {
  return text.length > length ? text.slice(0, length).replace(/[\ud800-\udbff]$/, '') : text
}
