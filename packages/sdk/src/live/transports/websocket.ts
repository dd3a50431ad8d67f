import { type ClientMessage, subprotocol, tokenSubprotocol } from '@tidemark/protocol'
import { createConversation } from './conversation.ts'
import { createReconnectPolicy } from './reconnect-policy.ts'
import { openSocket } from './socket.ts'
import { type TransportConnection, type TransportOptions, toLossReason } from './transport.ts'

/** Opens the WebSocket transport. A new selection or token uses the same connection. */
export function openWebSocketTransport(options: TransportOptions): TransportConnection {
  const { platform, reader, token } = options
  const policy = createReconnectPolicy(platform)
  let sendText: ((text: string) => void) | undefined

  const send = (message: ClientMessage): void => sendText?.(JSON.stringify(message))

  const conversation = createConversation(options, policy, {
    subscribe(id, since) {
      send({ type: 'sub', id, ...options.selection(), ...(since !== undefined && { since }) })
    },
    pong: () => send({ type: 'pong' }),
    renewToken: () => void renewToken(),
    reconnect: () => socket.reconnect(),
  })

  async function renewToken(): Promise<void> {
    const isRenewed = await token.renew()
    if (isRenewed && token.current !== undefined) send({ type: 'auth', token: token.current })
  }

  const socket = openSocket({
    platform,
    url: `${options.siteUrl.replace(/^http/, 'ws')}/realtime/ws`,
    protocols: () =>
      token.current === undefined
        ? [subprotocol]
        : [subprotocol, `${tokenSubprotocol}${token.current}`],
    nextDelayMs() {
      const delayMs = policy.nextDelayMs()
      // The delay starts after `onLost`.
      options.onActivity(false)
      return delayMs
    },
    onOpen(sendToSocket) {
      sendText = sendToSocket
      options.onActivity(false)
      conversation.subscribe(reader.isComplete)
    },
    onMessage: conversation.receive,
    onClose(code) {
      sendText = undefined
      conversation.connectionClosed()
      const reason = toLossReason(code)
      if (reason !== 'broken') socket.stop()
      options.onLost({ reason, retryAfterMs: policy.connectionClosed() })
    },
  })

  return {
    get retryAt() {
      return policy.retryAt
    },
    get isOpen() {
      return sendText !== undefined
    },
    get maxSilenceMs() {
      return conversation.maxSilenceMs
    },
    resubscribe() {
      if (sendText) conversation.subscribe(false)
    },
    reconnect: socket.reconnect,
    stop() {
      conversation.connectionClosed()
      socket.stop()
    },
  }
}
