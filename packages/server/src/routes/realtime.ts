import {
  type ChannelName,
  type Selection,
  formatEtag,
  matchesEtag,
  windowMinutes,
} from '@tidemark/protocol'
import { type Privacy, cachingOf } from '../http/privacy.ts'
import { problem } from '../http/problem.ts'
import { readSelection } from '../live/selection.ts'
import type { Stream } from '../live/stream.ts'

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
    'Content-Type': 'application/json',
    ...cachingOf(privacy),
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
