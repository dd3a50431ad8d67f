import {
  type ChannelName,
  type Selection,
  formatEtag,
  matchesEtag,
  windowMinutes,
} from '@tidemark/protocol'
import { problem } from '../http/problem.ts'
import { readSelection } from './selection.ts'
import type { Stream } from './stream.ts'

/** How answers about the live state may be cached: by everyone for a second, or by the reader alone. */
export type Privacy = 'public' | 'private'

const cacheControl: Readonly<Record<Privacy, string>> = {
  // A second at a CDN turns a million viewers into one request; the browser itself always asks again.
  public: 'public, max-age=0, s-maxage=1, must-revalidate',
  private: 'private, no-cache',
}

/** `GET realtime`: the whole state of a selection, or 304 when the reader has it already. */
export function answerRealtime(
  stream: Stream,
  selection: Selection,
  request: Request,
  privacy: Privacy,
): Response {
  const cursor = stream.cursorOf(selection)
  const headers = {
    ETag: formatEtag(cursor),
    'Cache-Control': cacheControl[privacy],
    'Content-Type': 'application/json',
    ...(privacy === 'private' && { Vary: 'Authorization, Origin' }),
  }
  if (matchesEtag(request.headers.get('If-None-Match'), cursor)) {
    return new Response(null, { status: 304, headers })
  }
  return new Response(stream.snapshotOf(selection), { headers })
}

/** The selection in a query string. */
export function selectionOf(
  served: readonly ChannelName[],
  request: Request,
): Selection | Response {
  const query = new URL(request.url).searchParams
  const names = query.getAll('channels').flatMap(list => list.split(','))
  const result = readSelection(
    served,
    query.has('channels') ? names : undefined,
    toWindow(query.get('minutes')),
  )
  return 'selection' in result ? result.selection : problem('selection_invalid', result)
}

/** Written as we write it, so that one selection has one address in caches. */
function toWindow(text: string | null): number | undefined {
  if (text === null) return undefined
  return windowMinutes.find(each => String(each) === text) ?? NaN
}
