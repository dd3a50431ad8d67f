import { selectionQuery } from '@tidemark/protocol'
import { openRequest, toFailure } from '../request.ts'
import { createConversation } from './conversation.ts'
import { createEventStreamParser } from './event-stream.ts'
import { createReconnectPolicy } from './reconnect-policy.ts'
import {
  type ConnectionLoss,
  type TransportConnection,
  type TransportOptions,
  toLossReason,
} from './transport.ts'

/**
 * Opens the transport for server-sent events. It reads them with `fetch`, because an `EventSource` cannot send a token
 * and reconnects on its own schedule. A new selection or token needs another request.
 */
export function openSseTransport(options: TransportOptions): TransportConnection {
  const { platform, reader, siteUrl, token } = options
  const policy = createReconnectPolicy(platform)
  let stream: AbortController | undefined
  let isOpen = false
  let isStopped = false
  let timer: unknown

  const conversation = createConversation(options, policy, {
    subscribe(_id, since) {
      stream?.abort()
      const next = new AbortController()
      stream = next
      const query = `${selectionQuery(options.selection())}${since === undefined ? '' : `&since=${since}`}`
      void read(`${siteUrl}/realtime/sse?${query}`, next.signal).then(loss => {
        if (!next.signal.aborted) handleLoss(loss)
      })
    },
    pong() {},
    renewToken: () =>
      void token.renew().then(isRenewed => {
        if (isRenewed && !isStopped) conversation.subscribe(reader.isComplete)
      }),
    reconnect,
  })

  /** Reads the stream until it ends and returns the reason. Never rejects. */
  async function read(url: string, signal: AbortSignal): Promise<ConnectionLoss> {
    try {
      const response = await openRequest({ platform, token, url, cache: 'no-store' }, signal)
      if ('error' in response) return { reason: 'broken', retryAfterMs: 0 }
      if (!response.ok) {
        const { status, retryAfterMs } = toFailure(response, undefined, platform)
        policy.setRetryAfter(retryAfterMs)
        void response.body?.cancel()
        return { reason: toLossReason(status), retryAfterMs }
      }
      if (response.body) await readBody(response.body, signal)
    } catch {
      // A network error, a cancelled request or invalid text ends the stream; the reader's position is unchanged.
    }
    return { reason: 'broken', retryAfterMs: 0 }
  }

  async function readBody(body: ReadableStream<BufferSource>, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    isOpen = true
    options.onActivity(false)
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

  function handleLoss({ reason }: ConnectionLoss): void {
    stream = undefined
    isOpen = false
    conversation.connectionClosed()
    const retryAfterMs = policy.connectionClosed()
    if (reason === 'broken') connect()
    else isStopped = true
    options.onLost({ reason, retryAfterMs })
  }

  function connect(): void {
    timer = platform.setTimeout(() => {
      conversation.subscribe(reader.isComplete)
    }, policy.nextDelayMs())
  }

  function reconnect(): void {
    if (!stream || isStopped) return
    stream.abort()
    handleLoss({ reason: 'broken', retryAfterMs: 0 })
  }

  connect()

  return {
    get retryAt() {
      return policy.retryAt
    },
    get isOpen() {
      return isOpen
    },
    get maxSilenceMs() {
      return conversation.maxSilenceMs
    },
    resubscribe() {
      if (stream) conversation.subscribe(false)
    },
    reconnect,
    stop() {
      isStopped = true
      platform.clearTimeout(timer)
      conversation.connectionClosed()
      stream?.abort()
      stream = undefined
      isOpen = false
    },
  }
}
