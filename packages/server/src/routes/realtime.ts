import { formatEtag, matchesEtag } from '@tidemark/protocol'
import { cachingOf } from '../http/privacy.ts'
import { type RouteHandler, streamOf } from './context.ts'

/** `GET realtime`: the state of a selection, or 304 when the reader already has it. */
export const answerRealtime: RouteHandler = c => {
  const stream = streamOf(c)
  const selection = c.get('selection')
  const cursor = stream.cursorOf(selection)
  const headers = {
    ETag: formatEtag(cursor),
    'Content-Type': 'application/json',
    ...cachingOf(c.get('authorization').caching),
  }
  if (matchesEtag(c.req.header('If-None-Match') ?? null, cursor)) {
    return new Response(null, { status: 304, headers })
  }
  return new Response(stream.snapshotOf(selection), { headers })
}
