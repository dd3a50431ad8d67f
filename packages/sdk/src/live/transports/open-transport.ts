import type { StreamingTransport } from '../types.ts'
import { openLongPollTransport } from './long-poll.ts'
import { type OpenTransport, openWhenLoaded } from './open-when-loaded.ts'
import { openSseTransport } from './sse.ts'
import type { TransportConnection, TransportOptions } from './transport.ts'

/** Set once the transport has loaded; later connections open without waiting. */
let openWebSocketTransport: OpenTransport | undefined

/** Loads the WebSocket transport. It is a file of its own, because the first numbers on a page arrive without it. */
export async function loadWebSocketTransport(): Promise<OpenTransport> {
  const module = await import('./websocket.ts')
  openWebSocketTransport = module.openWebSocketTransport
  return openWebSocketTransport
}

const openers: Readonly<Record<StreamingTransport, OpenTransport>> = {
  websocket: options =>
    openWebSocketTransport?.(options) ?? openWhenLoaded(loadWebSocketTransport, options),
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
