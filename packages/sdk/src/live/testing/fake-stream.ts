import type { ServerMessage } from '@tidemark/protocol'

/** A request whose answer goes on, as server-sent events do, seen from the server. */
export interface FakeStream {
  readonly url: URL
  readonly isAborted: boolean
  /** Whether the page is reading it. */
  readonly isOpen: boolean
  /** Answers with the head alone; events follow. */
  accept(): void
  /** Answers with something else. */
  refuse(answer: Response): void
  say(message: ServerMessage): void
  /** Says it in any form, whole or in pieces. */
  sayText(text: string): void
  /** The answer ends in good order. */
  end(): void
  /** The network breaks it. */
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
  let isOver = false

  function finish(how: () => void): void {
    if (isOver) return
    isOver = true
    how()
    for (const listener of listeners) listener()
  }

  const stream: FakeStream = {
    url,
    get isAborted() {
      return signal.aborted
    },
    get isOpen() {
      return body !== undefined && !isOver
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
    say(message) {
      stream.sayText(`data: ${JSON.stringify(message)}\n\n`)
    },
    sayText(text) {
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
