import { type EventContext, eventNames, limits } from '@tidemark/protocol'
import { memoizeLast } from '../shared/memoize-last.ts'
import { toCleanText } from './text.ts'

type Properties = NonNullable<EventContext['properties']>

/** Readers of the detail by event name. Other events have none. */
const readers: ReadonlyMap<string, (properties: Properties, path?: string) => unknown> = new Map<
  string,
  (properties: Properties, path?: string) => unknown
>([
  [eventNames.outbound, ({ url }) => withoutQuery(url)],
  [eventNames.download, ({ url, file }) => withoutQuery(url) ?? file],
  [eventNames.formSubmit, ({ form, action }) => form || withoutQuery(action)],
  [eventNames.notFound, (_, path) => path],
  [eventNames.siteSearch, ({ query }) => toSearch(query)],
])

const noProperties: Properties = {}

/**
 * Returns the detail by which history counts an automatic event: the address of an outbound link or a download, a form,
 * the path of a missing page, or the text of a search. Returns `undefined` for any other event and without the property.
 */
export function toDetail(
  name: string,
  properties: Properties | undefined,
  path: string | undefined,
): string | undefined {
  const detail = readers.get(name)?.(properties ?? noProperties, path)
  return typeof detail === 'string' ? toText(detail) : undefined
}

/** Removes query and fragment, which may contain a secret. The tracker sends neither. */
function withoutQuery(url: unknown): string | undefined {
  return typeof url === 'string' ? url.replace(/[?#].*$/s, '') : undefined
}

/** Searches that differ in case or spaces are one. */
function toSearch(query: unknown): string | undefined {
  return typeof query === 'string' ? query.replaceAll(/\s+/g, ' ').toLowerCase() : undefined
}

const toText = memoizeLast((text: string): string | undefined => {
  const clean = toCleanText(text.trim().slice(0, limits.maxPathLength))
  return clean === '' ? undefined : clean
})
