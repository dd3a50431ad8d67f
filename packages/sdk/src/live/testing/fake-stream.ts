import type { ServerMessage } from '@tidemark/protocol'

/** The server's end of a request for server-sent events. */
export interface FakeStream {
  readonly url: URL
  readonly isAborted: boolean
  /** Whether the response has started and has not ended. */
  readonly isOpen: boolean
  /** Starts a 200 response without events. */
  accept(): void
  /** Sends any other response. */
  refuse(answer: Response): void
  deliver(message: ServerMessage): void
  /** Sends raw text, which may be part of an event. */
  deliverText(text: string): void
  /** Ends the response cleanly. */
  end(): void
  /** Breaks the response with a network error. */
  fail(): void
  onEnd(listener: () => void): void
}

export function createFakeStream(
  url: URL,
  signal: AbortSignal,
): { stream: FakeStream; response: Promise<Response> } {
  const encoder = new TextEncoder()
  const listeners = new Set<() => void>()
  const { promise: response, resolve, reject } = Promise.withResolvers<Response>()
  let body: ReadableStreamDefaultController<Uint8Array> | undefined
  let hasEnded = false

  function finish(end: () => void): void {
    if (hasEnded) return
    hasEnded = true
    end()
    for (const listener of listeners) listener()
  }

  const stream: FakeStream = {
    url,
    get isAborted() {
      return signal.aborted
    },
    get isOpen() {
      return body !== undefined && !hasEnded
    },
    accept() {
      const readable = new ReadableStream<Uint8Array>({
        start: controller => void (body = controller),
      })
      resolve(new Response(readable, { headers: { 'Content-Type': 'text/event-stream' } }))
    },
    refuse(answer) {
      finish(() => resolve(answer))
    },
    deliver(message) {
      stream.deliverText(`data: ${JSON.stringify(message)}\n\n`)
    },
    deliverText(text) {
      if (stream.isOpen) body?.enqueue(encoder.encode(text))
    },
    end() {
      finish(() => body?.close())
    },
    fail() {
      const broken = new TypeError('network error')
      finish(() => (body ? body.error(broken) : reject(broken)))
    },
    onEnd: listener => void listeners.add(listener),
  }
  signal.addEventListener('abort', () => {
    finish(() => (body ? body.error(signal.reason) : reject(signal.reason)))
  })
  return { stream, response }
}
