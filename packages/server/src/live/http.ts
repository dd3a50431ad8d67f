import {
  type ChannelName,
  type FramesAnswer,
  type Selection,
  formatCursor,
  formatEtag,
  limits,
  matchesEtag,
  parseCursor,
  windowMinutes,
} from '@tidemark/protocol'
import type { Clock } from '../clock.ts'
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

/** Frames in one answer; a reader that is further behind asks again. */
const maxFrames = 256

/** `GET realtime/frames`: the frames after a cursor, held up to `wait` seconds until there are some. */
export async function answerFrames(
  stream: Stream,
  selection: Selection,
  request: Request,
  clock: Clock,
): Promise<Response> {
  const query = new URL(request.url).searchParams
  const since = parseCursor(query.get('since') ?? '')
  if (!since) return problem('cursor_invalid')
  const wait = Number(query.get('wait') ?? 0)
  if (!(wait >= 0 && wait <= limits.maxWaitSeconds)) {
    return problem('query_invalid', { detail: '`wait` takes 0 to 25 seconds.' })
  }
  let replay = stream.since(selection, since)
  // There is nothing to wait for where the answer is that the cursor is gone.
  if (wait > 0 && !('reset' in replay) && replay.frames.length === 0) {
    await nextFrame(stream, selection, clock, wait, request.signal)
    replay = stream.since(selection, since)
  }
  if ('reset' in replay) return problem('cursor_gone', { reason: replay.reset })
  const frames = replay.frames.slice(0, maxFrames)
  const more = frames.length < replay.frames.length
  const to = more ? { epoch: since.epoch, seq: frames.at(-1)?.s ?? since.seq } : replay.to
  const answer: Omit<FramesAnswer, 'frames'> = {
    from: formatCursor(since),
    to: formatCursor(to),
    more,
  }
  const body = `${JSON.stringify(answer).slice(0, -1)},"frames":[${frames.map(frame => frame.json).join(',')}]}`
  return new Response(body, {
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
  })
}

/** Resolves when the selection changes, after `waitSeconds`, or when the reader has gone. */
function nextFrame(
  stream: Stream,
  selection: Selection,
  clock: Clock,
  waitSeconds: number,
  signal: AbortSignal,
): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      cancel()
      unsubscribe()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.after(waitSeconds * 1000, done)
    const unsubscribe = stream.subscribe(selection, done)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
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
