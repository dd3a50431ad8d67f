import { type Cursor, type Selection, formatCursor, parseCursor } from '@tidemark/protocol'
import { problem } from '../http/problem.ts'
import type { Access } from '../guard/access.ts'
import {
  type ConnectionOwner,
  type ConnectionLimiter,
  tooManyConnections,
} from '../live/connection-limiter.ts'
import { memoizePerFrame } from '../live/memoize-per-frame.ts'
import { type Reader, type ReaderSettings, openReader } from '../live/reader.ts'
import type { Stream } from '../live/stream.ts'

export interface EventStreamOptions extends ReaderSettings {
  stream: Stream
  selection: Selection
  request: Request
  access?: Access | undefined
  /** Ends the connection under the answer at once, where there is one that can be ended. */
  terminate: (() => void) | undefined
  limiter: ConnectionLimiter
  holder: ConnectionOwner
}

/** After how long an `EventSource` comes back, at least and at most: spread, as they may all fall together. */
const minRetryMs = 1000
const maxRetryMs = 3000

const headers = {
  'Content-Type': 'text/event-stream',
  // Neither stored nor compressed: what compresses waits for more to compress.
  'Cache-Control': 'no-store, no-transform',
  // nginx hands it on as it comes.
  'X-Accel-Buffering': 'no',
}

const encoder = new TextEncoder()
const eventOf = memoizePerFrame(({ json, cursor }) =>
  encoder.encode(`${idLine(cursor)}data: {"type":"frame",${json.slice(1)}\n\n`),
)

/**
 * `GET realtime/sse`: what a WebSocket says, as server-sent events (HTML standard, section 9.2). Every
 * message is the `data` of an event without a name, so a plain `EventSource` hears all of them; one that takes
 * the reader somewhere has the cursor as its id, and only that, so that nothing is lost when it comes back.
 */
export function answerEventStream(options: EventStreamOptions): Response {
  const { request, selection, bounds, random, limiter, holder } = options
  const since = sinceOf(request)
  if (since === 'invalid') return problem('cursor_invalid')
  if (!limiter.hasRoom(holder)) return tooManyConnections()
  // What asks for the head alone never reads the body, and so would never be gone.
  if (request.method === 'HEAD') return new Response(null, { headers })
  let reader: Reader | undefined
  let release = (): void => {}
  /** More than may wait, so that what waits can be read from what is left of it. */
  const highWaterMark = 2 * bounds.maxBufferBytes

  function end(): void {
    if (!reader) return
    reader.closed()
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
        release = limiter.add('sse', holder, opened.bye)
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

/** Where the reader is. A `Last-Event-ID` counts before `since`, as a browser adds it to the address it began with. */
function sinceOf(request: Request): Cursor | undefined | 'invalid' {
  const last = parseCursor(request.headers.get('Last-Event-ID') ?? '')
  const since = new URL(request.url).searchParams.get('since')
  if (last || since === null) return last
  return parseCursor(since) ?? 'invalid'
}
