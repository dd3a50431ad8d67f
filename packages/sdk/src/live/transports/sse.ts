import { selectionQuery } from '@tidemark/protocol'
import { createAttempts } from './attempts.ts'
import { createConversation } from './conversation.ts'
import { createEventStreamParser } from './event-stream.ts'
import { openRequest, toFailure } from '../request.ts'
import {
  type ConnectionLoss,
  type TransportConnection,
  type TransportOptions,
  lossReasonOf,
} from './transport.ts'

/**
 * Server-sent events: what a WebSocket says, as the body of an answer that does not end. It is read by
 * `fetch`, because an `EventSource` can send no token and decides by itself when to come back. To ask for
 * something else is to make another request.
 */
export function openSseTransport(options: TransportOptions): TransportConnection {
  const { platform, reader, siteUrl, token } = options
  const attempts = createAttempts(platform)
  let stream: AbortController | undefined
  let isOpen = false
  let isStopped = false
  let timer: unknown

  const conversation = createConversation(options, attempts, {
    subscribe(_id, since) {
      stream?.abort()
      const next = new AbortController()
      stream = next
      const query = `${selectionQuery(options.selection())}${since === undefined ? '' : `&since=${since}`}`
      void read(`${siteUrl}/realtime/sse?${query}`, next.signal).then(loss => {
        if (!next.signal.aborted) end(loss)
      })
    },
    pong() {},
    // A request cannot be given another token, so there is another request.
    expiring: () =>
      void token.renew().then(isRenewed => {
        if (isRenewed && !isStopped) conversation.subscribe(reader.isComplete)
      }),
    drop,
  })

  /** Reads until it ends, and says why it did. Never rejects. */
  async function read(url: string, signal: AbortSignal): Promise<ConnectionLoss> {
    try {
      const answer = await openRequest({ platform, token, url, cache: 'no-store' }, signal)
      if ('error' in answer) return { reason: 'broken', retryAfterMs: 0 }
      if (!answer.ok) {
        const { status, retryAfterMs } = toFailure(answer, undefined, platform)
        attempts.stayAway(retryAfterMs)
        void answer.body?.cancel()
        return { reason: lossReasonOf(status), retryAfterMs }
      }
      await readBody(answer, signal)
    } catch {
      // Cut off, given up, or not what it should be: all of them end it, and the mark is what it was.
    }
    return { reason: 'broken', retryAfterMs: 0 }
  }

  async function readBody({ body }: Response, signal: AbortSignal): Promise<void> {
    if (!body || signal.aborted) return
    isOpen = true
    options.onNews(false)
    const parse = createEventStreamParser(text => {
      if (!signal.aborted) conversation.receive(text)
    })
    const decoder = new TextDecoder()
    const chunks = body.getReader()
    for (;;) {
      const { done, value } = await chunks.read()
      if (done || signal.aborted) return
      parse(decoder.decode(value, { stream: true }))
    }
  }

  function end(loss: ConnectionLoss): void {
    stream = undefined
    isOpen = false
    conversation.ended()
    const retryAfterMs = attempts.ended()
    if (loss.reason === 'broken') connect()
    else isStopped = true
    options.onLost({ reason: loss.reason, retryAfterMs })
  }

  function connect(): void {
    timer = platform.setTimeout(() => {
      conversation.subscribe(reader.isComplete)
    }, attempts.nextDelayMs())
  }

  function drop(): void {
    if (!stream || isStopped) return
    stream.abort()
    end({ reason: 'broken', retryAfterMs: 0 })
  }

  connect()

  return {
    get isOpen() {
      return isOpen
    },
    get silenceMs() {
      return conversation.silenceMs
    },
    resubscribe() {
      if (stream) conversation.subscribe(false)
    },
    drop,
    stop() {
      isStopped = true
      platform.clearTimeout(timer)
      conversation.ended()
      stream?.abort()
      stream = undefined
      isOpen = false
    },
  }
}
