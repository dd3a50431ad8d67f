import {
  type ChannelName,
  type PropertyValueRow,
  channelNames,
  parseProperty,
} from '@tidemark/protocol'
import { historyOf } from 'playground/demo-data/history.ts'
import { liveStateAt } from 'playground/demo-data/live-state.ts'

/**
 * Creates a `fetch` that answers as a Tidemark server with the data of a shop. The data is the same in every run and
 * does not change. Long polling works, so that widgets show "Live".
 * @param now milliseconds since 1970
 * @param onRequest called with the URL of each request
 */
export function createDemoServer(
  now: () => number,
  onRequest: (url: URL) => void = () => {},
): typeof globalThis.fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, 'https://stats.example.com')
    onRequest(url)
    const { pathname, searchParams } = url
    if (pathname.endsWith('/metrics')) return Response.json(historyOf(searchParams, now()))
    if (pathname.endsWith('/frames')) return framesOf(searchParams, init?.signal)
    if (pathname.endsWith('/realtime')) return Response.json(snapshotOf(searchParams, now()))
    return Response.json({ code: 'not_found', title: 'Not found.' }, { status: 404 })
  }
}

const cursor = '7.3'

/** Values of every property. */
const planRows: PropertyValueRow[] = [
  { property: 'pro', events: 23, visitors: 21 },
  { property: 'free', events: 11, visitors: 11 },
  { property: 'team', events: 4, visitors: 2 },
]

function snapshotOf(query: URLSearchParams, now: number): object {
  const requested: readonly string[] = query.get('channels')?.split(',') ?? channelNames
  const state = liveStateAt(now)
  state.pageVisitors = query.getAll('path').map(path => ({
    path,
    visitors: state.activePages.find(page => page.path === path)?.visitors ?? 0,
  }))
  state.properties = query.getAll('property').flatMap(text => {
    const property = parseProperty(text)
    return property ? [{ ...property, rows: planRows }] : []
  })
  const isRequested = (name: ChannelName): boolean => requested.includes(name)
  return {
    cursor,
    at: now,
    windowMinutes: Number(query.get('minutes') ?? 5),
    ...Object.fromEntries(channelNames.filter(isRequested).map(name => [name, state[name]])),
  }
}

/** Answers the first request, which waits for nothing; holds the others, as no frame ever comes. */
async function framesOf(query: URLSearchParams, signal?: AbortSignal | null): Promise<Response> {
  if (query.get('wait') !== '0') {
    await new Promise((_, reject) => {
      signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
    })
  }
  const since = query.get('since') ?? cursor
  return Response.json({ from: since, to: since, frames: [], more: false })
}
