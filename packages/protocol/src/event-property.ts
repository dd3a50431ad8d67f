import { isObject } from './json.ts'
import { readerLimits } from './limits.ts'

/** A property of the events with one name, such as `plan` of `purchase`. */
export interface EventProperty {
  readonly event: string
  readonly property: string
}

/**
 * Formats a property for URLs and keys: the name of the event, a dot and the name of the property, such as
 * `purchase.plan`. A backslash precedes each dot and backslash of the event's name, so that every pair of names has a
 * text of its own.
 */
export function formatProperty({ event, property }: EventProperty): string {
  return `${event.replaceAll(/[.\\]/g, String.raw`\$&`)}.${property}`
}

/** Parses a text of `formatProperty`. Returns `undefined` for a text without a dot between two names. */
export function parseProperty(text: string): EventProperty | undefined {
  const [, escaped, property] = /^((?:[^.\\]|\\[.\\])+)\.(.+)$/su.exec(text) ?? []
  if (escaped === undefined || property === undefined) return undefined
  return { event: escaped.replaceAll(/\\(.)/gsu, '$1'), property }
}

/**
 * Returns a property as selections have it: in well-formed Unicode, without other members. Returns `undefined` for a
 * value that names no possible property: a name is empty, or longer than an event may have.
 */
export function toProperty(value: unknown): EventProperty | undefined {
  if (!isObject(value)) return undefined
  const event = toName(value['event'], readerLimits.maxNameLength)
  const property = toName(value['property'], readerLimits.maxPropertyNameLength)
  return event === undefined || property === undefined ? undefined : { event, property }
}

function toName(value: unknown, maxLength: number): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > maxLength) return undefined
  // A lone surrogate has no form in a URL, and the server replaces it in events as well.
  return value.replaceAll(/\p{Surrogate}/gu, '\ufffd')
}

/**
 * Sorts and deduplicates the properties of a selection. Returns `undefined` if one of them is invalid, or if there are
 * more than `limits.maxSelectedProperties`, or more than `limits.maxPropertiesLength` characters in a URL.
 */
export function toProperties(list: readonly unknown[]): EventProperty[] | undefined {
  const byText = new Map<string, EventProperty>()
  let length = 0
  for (const each of list) {
    const property = toProperty(each)
    if (!property) return undefined
    const text = formatProperty(property)
    if (byText.has(text)) continue
    byText.set(text, property)
    length += propertyLength(property)
    if (byText.size > readerLimits.maxSelectedProperties) return undefined
    if (length > readerLimits.maxPropertiesLength) return undefined
  }
  return [...byText.keys()].toSorted().flatMap(text => byText.get(text) ?? [])
}

/** Returns the number of characters of a property in a URL. */
export function propertyLength(property: EventProperty): number {
  return encodeURIComponent(formatProperty(property)).length
}
