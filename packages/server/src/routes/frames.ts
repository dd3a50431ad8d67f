import {
  type FramesAnswer,
  type Selection,
  formatCursor,
  limits,
  parseCursor,
} from '@tidemark/protocol'
import type { Clock } from '../shared/clock.ts'
import { problem } from '../http/problem.ts'
import type { Access } from '../guard/access.ts'
import {
  type ConnectionOwner,
  type ConnectionLimiter,
  tooManyConnections,
} from '../live/connection-limiter.ts'
import type { Stream } from '../live/stream.ts'

/** Frames in one answer; a reader that is further behind asks again. */
const maxFrames = 256

export interface FramesOptions {
  stream: Stream
  selection: Selection
  request: Request
  clock: Clock
  /** Nothing is held for longer. */
  access: Access
  limiter: ConnectionLimiter
  holder: ConnectionOwner
}

/** `GET realtime/frames`: the frames after a cursor, held up to `wait` seconds until there are some. */
export async function answerFrames(options: FramesOptions): Promise<Response> {
  const { stream, selection, request, limiter, holder } = options
  const query = new URL(request.url).searchParams
  const since = parseCursor(query.get('since') ?? '')
  if (!since) return problem('cursor_invalid')
  const wait = readWait(query.get('wait') ?? '0')
  if (wait === undefined) {
    const detail = `\`wait\` takes a whole number of seconds, 0 to ${limits.maxWaitSeconds}.`
    return problem('query_invalid', { detail })
  }
  let replay = stream.since(selection, since)
  // There is nothing to wait for where the answer is that the cursor is gone, or has no body.
  const mayWait = wait > 0 && request.method !== 'HEAD'
  if (mayWait && !('reset' in replay) && replay.frames.length === 0) {
    if (!limiter.hasRoom(holder)) return tooManyConnections()
    await nextFrame(options, wait)
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

/** Seconds; `undefined` for what is no whole number of them, or too many. */
function readWait(text: string): number | undefined {
  return /^\d{1,2}$/.test(text) && Number(text) <= limits.maxWaitSeconds ? Number(text) : undefined
}

/** Resolves when the selection changes, after `waitSeconds`, or when the reader, its token or the server goes. */
function nextFrame(
  { stream, selection, request: { signal }, clock, access, limiter, holder }: FramesOptions,
  waitSeconds: number,
): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      cancel()
      unsubscribe()
      release()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const leftMs = (access.expiresAt ?? Infinity) - clock.now()
    const cancel = clock.after(Math.max(0, Math.min(waitSeconds * 1000, leftMs)), done)
    const unsubscribe = stream.subscribe(selection, done)
    const release = limiter.add('long-poll', holder, done)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
