import { type StreamingTransport, streamingTransports } from '../types.ts'
import { type OpenTransport, openWhenLoaded } from './open-when-loaded.ts'
import type { TransportConnection, TransportOptions } from './transport.ts'

/** Loads a transport. Each is a file of its own: the first numbers arrive without it, and most pages use only one. */
const loaders: Readonly<Record<StreamingTransport, () => Promise<OpenTransport>>> = {
  websocket: async () => (await import('./websocket.ts')).openWebSocketTransport,
  sse: async () => (await import('./sse.ts')).openSseTransport,
  'long-poll': async () => (await import('./long-poll.ts')).openLongPollTransport,
}

/** Loaded transports; their later connections open without waiting. */
const loaded = new Map<StreamingTransport, OpenTransport>()

async function loadTransport(transport: StreamingTransport): Promise<OpenTransport> {
  const open = await loaders[transport]()
  loaded.set(transport, open)
  return open
}

/** Loads all transports in advance. */
export async function loadTransports(): Promise<void> {
  await Promise.all(streamingTransports.map(loadTransport))
}

/** Opens a connection through a transport. */
export function openTransport(
  transport: StreamingTransport,
  options: TransportOptions,
): TransportConnection {
  const open = loaded.get(transport)
  return open?.(options) ?? openWhenLoaded(() => loadTransport(transport), options)
}
