import { type EventContext, eventNames } from '@tidemark/protocol'
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
  for (const property of Object.keys(properties)) {
    counted.push(
      toCleanText(property),
      toCleanText(String(properties[property]).slice(0, maxTextLength)),
    )
  }
  return counted.length > 0 ? counted : undefined
}
