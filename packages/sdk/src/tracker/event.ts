import type { PropertyValue, TrackedEvent } from '@tidemark/protocol'
import { attempt } from '../shared/attempt.ts'
import {
  maxIdLength,
  maxNameLength,
  maxProperties,
  maxPropertyNameLength,
  maxPropertyTextLength,
  maxTitleLength,
  maxUrlLength,
} from './protocol-values.ts'

/** Fields of an event. Pages are not always typed, so values from a page are `unknown`. */
export interface EventDetails {
  name?: unknown
  visitorId?: unknown
  userId?: unknown
  url?: unknown
  referrer?: unknown
  title?: unknown
  properties?: unknown
  value?: unknown
}

/** An event with valid values alone. */
export type CleanEvent = { [Key in keyof TrackedEvent]?: TrackedEvent[Key] | undefined } & {
  name: string
}

/**
 * Makes an event that the server accepts: texts are truncated to the limits of the protocol, and invalid values are
 * omitted. Returns `undefined` if there is no name.
 * @param base properties that those of the event replace
 */
export function toEvent(
  details: EventDetails | null | undefined | false | void,
  base?: unknown,
): CleanEvent | undefined {
  if (!details) return undefined
  const name = truncate(details.name, maxNameLength)
  return name
    ? {
        name,
        // Empty ids mean none.
        visitorId: truncate(details.visitorId, maxIdLength) || undefined,
        userId: truncate(details.userId, maxIdLength) || undefined,
        url: truncate(details.url, maxUrlLength),
        referrer: truncate(details.referrer, maxUrlLength),
        title: truncate(details.title, maxTitleLength),
        properties: toProperties(base, details.properties),
        value: toNumber(details.value),
      }
    : undefined
}

/**
 * Returns the properties that are text, a number or a boolean, and omits all others, also those whose getter throws.
 * The last one of several properties with the same name counts.
 */
export function toProperties(...sources: unknown[]): Record<string, PropertyValue> | undefined {
  const properties = new Map<string, PropertyValue>()
  for (const source of sources) {
    if (typeof source !== 'object' || !source) continue
    for (const name of Object.keys(source)) {
      // The page's getter may fail. Its other properties are kept.
      const value = attempt((): unknown => Reflect.get(source, name))
      const property =
        value === !!value ? value : (toNumber(value) ?? truncate(value, maxPropertyTextLength))
      const key = truncate(name, maxPropertyNameLength)
      if (property !== undefined && key && properties.size < maxProperties)
        properties.set(key, property)
    }
  }
  // Unlike assignment, `fromEntries` keeps a property named `__proto__`.
  return properties.size ? Object.fromEntries(properties) : undefined
}

/**
 * Formats an object as JSON and omits undefined members. The replacer returns the member itself, because
 * `JSON.stringify` calls the `toJSON` that old libraries add to prototypes before it calls the replacer.
 */
export function toJson(value: object): string {
  return JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, name) {
    return this[name]
  })
}

function toNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Math.abs(value) <= 2 ** 53 ? value : undefined
}

/** Truncates a text to a number of code units, but never inside a surrogate pair. */
function truncate(text: unknown, length: number): string | undefined {
  return typeof text === 'string'
    ? text.slice(0, length).replace(/[\ud800-\udbff]$/, '')
    : undefined
}
