import { type EventContext, type PropertyValue, eventNames } from '@tidemark/protocol'
import { memoizeTexts } from './memoize-texts.ts'
import { toCleanText } from './text.ts'

/** Longest text of a property that is counted. A longer one is cut. */
const maxTextLength = 200

/** Events whose properties have dimensions of their own. */
const withDimensions: ReadonlySet<string> = new Set([
  eventNames.outbound,
  eventNames.download,
  eventNames.formSubmit,
  eventNames.notFound,
  eventNames.siteSearch,
])

/**
 * Returns the properties by which history counts an event: names and texts in turn. A number or a boolean is its text.
 * Returns `undefined` without properties, and for automatic events that have a dimension.
 */
export function toCountedProperties(
  name: string,
  properties: EventContext['properties'],
): readonly string[] | undefined {
  if (properties === undefined || withDimensions.has(name)) return undefined
  const counted: string[] = []
  // Faster than `Object.keys`; a parsed object has only properties of its own.
  for (const property in properties) {
    if (!Object.hasOwn(properties, property)) continue
    counted.push(toCleanProperty(property), toText(properties[property]))
  }
  return counted.length > 0 ? counted : undefined
}

/** Cached, because a site has few names of properties. */
const toCleanProperty = memoizeTexts(toCleanText, 200_000)

function toText(value: PropertyValue | undefined): string {
  if (typeof value !== 'string') return String(value)
  return toCleanText(value.length > maxTextLength ? value.slice(0, maxTextLength) : value)
}
