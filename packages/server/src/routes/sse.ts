import { Writable } from 'node:stream'
import {
  type Cursor,
  type Selection,
  formatCursor,
  isObject,
  parseCursor,
} from '@tidemark/protocol'
import type { Context } from 'hono'
import type { Proxies } from './proxies.ts'
import { problem } from '../http/problem.ts'
import type { Authorization } from '../guard/authorization.ts'
import type { ConnectionOwner, ConnectionLimiter } from '../live/connection-limiter.ts'
import type { Connections } from '../live/connections.ts'
import { memoizePerFrame } from '../live/memoize-per-frame.ts'
import type { ReaderSettings } from '../live/reader-bounds.ts'
import { type Reader, openReader } from '../live/reader.ts'
import type { Stream } from '../live/stream.ts'
import { type RouteHandler, ownerOf, streamOf } from './context.ts'
import { tooManyConnections } from './too-many-connections.ts'

export interface EventStreamOptions extends ReaderSettings {
  stream: Stream
  /** Returns the stream in which counts below a minimum are hidden. @default `stream` for every minimum */
  streamOf?: (minCount: number) => Stream
  selection: Selection
  request: Request
  authorization?: Authorization | undefined
  /** Destroys the connection under the answer; `undefined` when the runtime offers no access to it. */
  terminate: (() => void) | undefined
  limiter: ConnectionLimiter
  owner: ConnectionOwner
}

/** Range of the delay after which an `EventSource` reconnects. Random, as many connections may break together. */
const minRetryMs = 1000
const maxRetryMs = 3000

const headers = {
  'Content-Type': 'text/event-stream',
  // Neither stored nor compressed: a compressor would wait for more data.
  'Cache-Control': 'no-store, no-transform',
  // Turns off buffering in nginx.
  'X-Accel-Buffering': 'no',
}

const encoder = new TextEncoder()
const eventOf = memoizePerFrame(({ json, cursor }) =>
  encoder.encode(`${idLine(cursor)}data: {"type":"frame",${json.slice(1)}\n\n`),
)

/** Creates `GET realtime/sse`. */
export function createEventStreamRoute(
  connections: Connections,
  proxies: Pick<Proxies, 'addressOf'>,
): RouteHandler {
  return c =>
    answerEventStream({
      ...connections,
      stream: streamOf(c),
      streamOf: c.get('site').streams.of,
      selection: c.get('selection'),
      request: c.req.raw,
      authorization: c.get('authorization'),
      owner: ownerOf(c, proxies),
      terminate: terminatorOf(c),
    })
}

/** Returns a function that destroys the connection, when `@hono/node-server` runs the app. */
function terminatorOf({ env }: Context): (() => void) | undefined {
  const outgoing: unknown = isObject(env) ? env['outgoing'] : undefined
  return outgoing instanceof Writable ? () => outgoing.destroy() : undefined
}

/**
 * Answers with the messages of a WebSocket as server-sent events (HTML standard, section 9.2). Every message is the
 * `data` of an event without a name, so a plain `EventSource` receives all of them. Messages that move the reader
 * have the cursor as their id, and only these, so that a reconnect loses nothing.
 */
export function answerEventStream(options: EventStreamOptions): Response {
  const { request, selection, bounds, random, limiter, owner } = options
  const since = sinceOf(request)
  if (since === 'invalid') return problem('cursor_invalid')
  if (!limiter.hasRoom(owner)) return tooManyConnections()
  // A HEAD request never reads the body, so its stream would never be canceled.
  if (request.method === 'HEAD') return new Response(null, { headers })
  let reader: Reader | undefined
  let release = (): void => {}
  /** Above the reader's own bound, so that `desiredSize` tells how many bytes are buffered. */
  const highWaterMark = 2 * bounds.maxBufferBytes

  function end(): void {
    if (!reader) return
    reader.stop()
    reader = undefined
    release()
  }

  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const write = (text: string): void => controller.enqueue(encoder.encode(text))
        write(`retry: ${Math.round(minRetryMs + random() * (maxRetryMs - minRetryMs))}\n`)
        const opened = openReader({
          ...options,
          sink: {
            send: (json, cursor) => write(`${idLine(cursor)}data: ${json}\n\n`),
            sendFrame: frame => controller.enqueue(eventOf(frame)),
            close() {
              controller.close()
              end()
            },
            terminate() {
              options.terminate?.()
              end()
            },
            bufferedBytes: () => highWaterMark - (controller.desiredSize ?? 0),
          },
        })
        reader = opened
        release = limiter.add('sse', owner, opened)
        opened.subscribe(undefined, selection, since)
      },
      cancel: end,
    },
    new ByteLengthQueuingStrategy({ highWaterMark }),
  )
  return new Response(body, { headers })
}

function idLine(cursor: Cursor | undefined): string {
  return cursor ? `id: ${formatCursor(cursor)}\n` : ''
}

/**
 * Returns the cursor of the reader. `Last-Event-ID` takes precedence over `since`: a browser that reconnects sends
 * both, and the URL still has the first cursor.
 */
function sinceOf(request: Request): Cursor | undefined | 'invalid' {
  const last = parseCursor(request.headers.get('Last-Event-ID') ?? '')
  const since = new URL(request.url).searchParams.get('since')
  if (last || since === null) return last
  return parseCursor(since) ?? 'invalid'
}
