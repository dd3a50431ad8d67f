import {
  type Cursor,
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
import type { Authorization, Refusal } from '../guard/authorization.ts'
import type { ConnectionOwner, ConnectionLimiter } from '../live/connection-limiter.ts'
import type { Connections } from '../live/connections.ts'
import type { Stream } from '../live/stream.ts'
import { answerRefusal } from './answer-refusal.ts'
import { type RouteHandler, ownerOf, streamOf } from './context.ts'
import { tooManyConnections } from './too-many-connections.ts'

/** Most frames in one answer. A reader that is further behind sends another request. */
const maxFrames = 256

export interface FramesOptions {
  stream: Stream
  /** Returns the stream in which counts below a minimum are hidden. */
  streamOf: (minCount: number) => Stream
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
      streamOf: c.get('site').streams.of,
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
  if (mayWait && !hasFrames(replay)) {
    if (!limiter.hasRoom(owner)) return tooManyConnections()
    const end = await waitForFrames(options, since, waitSeconds * 1000)
    if (end === 'moved') return problem('cursor_gone', { reason: 'epoch' })
    if (end !== 'done') return answerRefusal(end)
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

/** Returns whether a replay has something to answer: frames, or the reason why it has none. */
function hasFrames(replay: ReturnType<Stream['since']>): boolean {
  return 'reset' in replay || replay.frames.length > 0
}

/** Parses a number of seconds; `undefined` for an invalid one. */
function parseWait(text: string): number | undefined {
  return /^\d{1,2}$/.test(text) && Number(text) <= limits.maxWaitSeconds ? Number(text) : undefined
}

/**
 * Waits for a frame, and authorizes the reader again if the access rules change meanwhile. Resolves with the refusal,
 * with `moved` when the reader now belongs to another stream, and otherwise with `done`.
 */
async function waitForFrames(
  options: FramesOptions,
  since: Cursor,
  waitMs: number,
): Promise<Refusal | 'moved' | 'done'> {
  const { stream, streamOf: streamFor, selection, clock } = options
  let { authorization } = options
  const endsAt = clock.now() + waitMs
  for (;;) {
    const end = await nextFrame({ ...options, authorization }, endsAt - clock.now())
    if (authorization.isCurrent()) return 'done'
    const checked = await authorization.recheck()
    if ('code' in checked) return checked
    if (streamFor(checked.access.minCount) !== stream) return 'moved'
    if (end === 'ended' || hasFrames(stream.since(selection, since))) return 'done'
    authorization = checked
  }
}

/**
 * Resolves with `ended` when the selection changes, after `waitMs`, when the authorization ends, or when the client or
 * the server closes the connection. Resolves with `rules` when the access rules have changed.
 */
function nextFrame(
  { stream, selection, request: { signal }, clock, authorization, limiter, owner }: FramesOptions,
  waitMs: number,
): Promise<'ended' | 'rules'> {
  return new Promise(resolve => {
    const done = (): void => finish('ended')
    const finish = (end: 'ended' | 'rules'): void => {
      cancel()
      unsubscribe()
      release()
      signal.removeEventListener('abort', done)
      resolve(end)
    }
    const leftMs = (authorization.expiresAt ?? Infinity) - wallTimeOf(clock)
    const cancel = clock.after(Math.max(0, Math.min(waitMs, leftMs)), done)
    const unsubscribe = stream.subscribe(selection, done)
    const release = limiter.add('long-poll', owner, {
      disconnect: done,
      recheck: () => Promise.resolve(finish('rules')),
    })
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
