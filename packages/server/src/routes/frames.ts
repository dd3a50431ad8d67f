import {
  type FramesAnswer,
  type Selection,
  formatCursor,
  limits,
  parseCursor,
} from '@tidemark/protocol'
import type { Clock } from '../shared/clock.ts'
import { wallTimeOf } from '../shared/wall-time.ts'
import type { Proxies } from './proxies.ts'
import { problem } from '../http/problem.ts'
import type { Authorization } from '../guard/authorization.ts'
import type { ConnectionOwner, ConnectionLimiter } from '../live/connection-limiter.ts'
import type { Connections } from '../live/connections.ts'
import type { Stream } from '../live/stream.ts'
import { type RouteHandler, ownerOf, streamOf } from './context.ts'
import { tooManyConnections } from './too-many-connections.ts'

/** Most frames in one answer. A reader that is further behind sends another request. */
const maxFrames = 256

export interface FramesOptions {
  stream: Stream
  selection: Selection
  request: Request
  clock: Clock
  /** The answer is not held beyond its end. */
  authorization: Authorization
  limiter: ConnectionLimiter
  owner: ConnectionOwner
}

/** Creates `GET realtime/frames`. */
export function createFramesRoute(
  { clock, limiter }: Pick<Connections, 'clock' | 'limiter'>,
  proxies: Pick<Proxies, 'addressOf'>,
): RouteHandler {
  return c =>
    answerFrames({
      stream: streamOf(c),
      selection: c.get('selection'),
      request: c.req.raw,
      clock,
      authorization: c.get('authorization'),
      limiter,
      owner: ownerOf(c, proxies),
    })
}

/** Answers with the frames after a cursor. Waits for the next one up to `wait` seconds when there are none. */
export async function answerFrames(options: FramesOptions): Promise<Response> {
  const { stream, selection, request, limiter, owner } = options
  const query = new URL(request.url).searchParams
  const since = parseCursor(query.get('since') ?? '')
  if (!since) return problem('cursor_invalid')
  const waitSeconds = parseWait(query.get('wait') ?? '0')
  if (waitSeconds === undefined) {
    const detail = `\`wait\` must be a whole number of seconds from 0 to ${limits.maxWaitSeconds}.`
    return problem('query_invalid', { detail })
  }
  let replay = stream.since(selection, since)
  // An answer without a body is not worth a wait.
  const mayWait = waitSeconds > 0 && request.method !== 'HEAD'
  if (mayWait && !('reset' in replay) && replay.frames.length === 0) {
    if (!limiter.hasRoom(owner)) return tooManyConnections()
    await nextFrame(options, waitSeconds)
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

/** Parses a number of seconds; `undefined` for an invalid one. */
function parseWait(text: string): number | undefined {
  return /^\d{1,2}$/.test(text) && Number(text) <= limits.maxWaitSeconds ? Number(text) : undefined
}

/**
 * Resolves when the selection changes, after `waitSeconds`, when the authorization ends, or when the client or the
 * server closes the connection.
 */
function nextFrame(
  { stream, selection, request: { signal }, clock, authorization, limiter, owner }: FramesOptions,
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
    const leftMs = (authorization.expiresAt ?? Infinity) - wallTimeOf(clock)
    const cancel = clock.after(Math.max(0, Math.min(waitSeconds * 1000, leftMs)), done)
    const unsubscribe = stream.subscribe(selection, done)
    const release = limiter.add('long-poll', owner, {
      disconnect: done,
      // Its next request is checked like any other.
      recheck: () => Promise.resolve(done()),
    })
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
