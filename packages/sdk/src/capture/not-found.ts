import type { Capture } from '../tracker/capture-context.ts'

/**
 * Tracks `not_found` if the server answered the page with 404 or 410.
 * @param isNotFound whether the page is known to be missing, for browsers without `responseStatus` (before Chrome 109,
 * Firefox 128) and for single-page apps
 */
export function notFound(isNotFound = false): Capture {
  return ({ onEvent, record }) => {
    let isDone = false
    onEvent(event => {
      if (event.name !== 'page_view' || isDone) return event
      isDone = true
      const [load] = performance.getEntriesByType('navigation')
      const status = load && 'responseStatus' in load ? load.responseStatus : undefined
      if (isNotFound || status === 404 || status === 410) queueMicrotask(() => record('not_found'))
      return event
    })
  }
}
