import type { Capture } from '../tracker/capture-context.ts'

/**
 * Tracks `site_search` after a view whose URL has one of the parameters, with the properties `query` and `parameter`.
 * The text that visitors search for can be personal: remove it in `beforeSend` if you must not have it.
 * @param parameters names of query parameters
 */
export function siteSearch(parameters: readonly string[] = ['q', 'query', 's', 'search']): Capture {
  return ({ onEvent, record }) => {
    let last = ''
    onEvent(event => {
      if (event.name !== 'page_view') return event
      const found = new URLSearchParams(/\?[^#]*/.exec(event.url ?? '')?.[0])
      const parameter = parameters.find(name => found.get(name))
      const query = parameter && found.get(parameter)?.trim()
      // The view of the same search, such as its next page, is not another search.
      if (query && query !== last) queueMicrotask(() => record('site_search', { query, parameter }))
      last = query ?? ''
      return event
    })
  }
}
