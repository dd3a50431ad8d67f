import { type ClientMessage, subprotocol, tokenSubprotocol } from '@tidemark/protocol'
import { createAttempts } from './attempts.ts'
import { createConversation } from './conversation.ts'
import { type TransportConnection, type TransportOptions, lossReasonOf } from './transport.ts'
import { openSocket } from './socket.ts'

/** The best road: one connection that both sides speak on, so it need not be made anew for a change. */
export function openWebSocketTransport(options: TransportOptions): TransportConnection {
  const { platform, reader, token } = options
  const attempts = createAttempts(platform)
  let sendText: ((text: string) => void) | undefined

  const send = (message: ClientMessage): void => sendText?.(JSON.stringify(message))

  const conversation = createConversation(options, attempts, {
    subscribe(id, since) {
      const { channels, minutes } = options.selection()
      send({ type: 'sub', id, channels, minutes, ...(since !== undefined && { since }) })
    },
    pong: () => send({ type: 'pong' }),
    expiring: () => void renewToken(),
    drop: () => socket.drop(),
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
    nextDelayMs: attempts.nextDelayMs,
    onOpen(its) {
      sendText = its
      options.onNews(false)
      conversation.subscribe(reader.isComplete)
    },
    onMessage: conversation.receive,
    onClose(code) {
      sendText = undefined
      conversation.ended()
      const reason = lossReasonOf(code)
      if (reason !== 'broken') socket.stop()
      options.onLost({ reason, retryAfterMs: attempts.ended() })
    },
  })

  return {
    get isOpen() {
      return sendText !== undefined
    },
    get silenceMs() {
      return conversation.silenceMs
    },
    resubscribe() {
      if (sendText) conversation.subscribe(false)
    },
    drop: socket.drop,
    stop() {
      conversation.ended()
      socket.stop()
    },
  }
}
