import { formatEtag, matchesEtag } from '@tidemark/protocol'
import { type Privacy, cachingOf } from '../http/privacy.ts'
import type { RouteHandler } from './context.ts'

/** Creates `GET realtime`: the state of a selection, or 304 when the reader already has it. */
export function createRealtimeRoute(privacyOf: () => Privacy): RouteHandler {
  return c => {
    const { stream } = c.get('site')
    const selection = c.get('selection')
    const cursor = stream.cursorOf(selection)
    const headers = {
      ETag: formatEtag(cursor),
      'Content-Type': 'application/json',
      ...cachingOf(privacyOf()),
    }
    if (matchesEtag(c.req.header('If-None-Match') ?? null, cursor)) {
      return new Response(null, { status: 304, headers })
    }
    return new Response(stream.snapshotOf(selection), { headers })
  }
}
