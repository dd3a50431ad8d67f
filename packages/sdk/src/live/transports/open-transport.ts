import type { StreamingTransport } from '../types.ts'
import { openLongPollTransport } from './long-poll.ts'
import { type OpenTransport, openWhenLoaded } from './open-when-loaded.ts'
import type { TransportConnection, TransportOptions } from './transport.ts'

/**
 * Loads the transports that are files of their own: the first numbers on a page arrive without them, and most pages use
 * only one. Long polling is no such file, so it is left when a file cannot be loaded.
 */
const loaders = {
  websocket: async () => (await import('./websocket.ts')).openWebSocketTransport,
  sse: async () => (await import('./sse.ts')).openSseTransport,
} satisfies Partial<Record<StreamingTransport, () => Promise<OpenTransport>>>

type LoadedTransport = keyof typeof loaders

/** Loaded transports; their later connections open without waiting. */
const loaded = new Map<LoadedTransport, OpenTransport>()

async function loadTransport(transport: LoadedTransport): Promise<OpenTransport> {
  const open = await loaders[transport]()
  loaded.set(transport, open)
  return open
}

/** Loads all transports in advance. */
export async function loadTransports(): Promise<void> {
  await Promise.all([loadTransport('websocket'), loadTransport('sse')])
}

/** Opens a connection through a transport. */
export function openTransport(
  transport: StreamingTransport,
  options: TransportOptions,
): TransportConnection {
  if (transport === 'long-poll') return openLongPollTransport(options)
  const open = loaded.get(transport)
  return open?.(options) ?? openWhenLoaded(() => loadTransport(transport), options)
}
