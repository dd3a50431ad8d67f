import type { StreamingTransport } from '../types.ts'
import { openLongPollTransport } from './long-poll.ts'
import { openSseTransport } from './sse.ts'
import type { TransportConnection, TransportOptions } from './transport.ts'
import { openWebSocketTransport } from './websocket.ts'

type OpenTransport = (options: TransportOptions) => TransportConnection

const openers: Readonly<Record<StreamingTransport, OpenTransport>> = {
  websocket: openWebSocketTransport,
  sse: openSseTransport,
  'long-poll': openLongPollTransport,
}

/** Opens a connection through a transport. */
export function openTransport(
  transport: StreamingTransport,
  options: TransportOptions,
): TransportConnection {
  return openers[transport](options)
}
