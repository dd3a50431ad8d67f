import { historyOf } from '../demo-data/history.ts'
import { type GalleryState, toState } from './states.ts'

/** Answers requests for the history of `/gallery-api`; each site is in the state that it is named after. */
export const scriptedFetch: typeof globalThis.fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input, location.href)
  const [, site = ''] = /\/sites\/([^/]+)\/metrics$/.exec(url.pathname) ?? []
  return answer(toState(decodeURIComponent(site)), url.searchParams, init?.signal ?? undefined)
}

async function answer(
  state: GalleryState,
  query: URLSearchParams,
  signal: AbortSignal | undefined,
): Promise<Response> {
  switch (state) {
    case 'loading':
      return new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason))
      })
    case 'error':
      throw new TypeError('Failed to fetch')
    case 'refused': {
      const problem = { code: 'token_missing', title: 'No token.', detail: 'Send a token.' }
      return Response.json(problem, { status: 401 })
    }
    case 'empty':
      return Response.json(withoutEvents(historyOf(query, Date.now())))
    default:
      return Response.json(historyOf(query, Date.now()))
  }
}

/** Times and names of a response; other numbers are 0, and no rows. */
const retained = new Set(['from', 'to', 'at'])

function withoutEvents(body: object): unknown {
  return JSON.parse(JSON.stringify(body), (key, value: unknown) => {
    if (key === 'rows') return []
    return typeof value === 'number' && !retained.has(key) ? 0 : value
  })
}
