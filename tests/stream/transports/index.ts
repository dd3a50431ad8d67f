import type { OpenReader } from './reader.ts'
import { openLongPollReader, openPollReader } from './requests.ts'
import { openSseReader } from './sse.ts'
import { openWebSocketReader } from './websocket.ts'

/** A test reader per transport; the preferred transport comes first. */
export const transports = {
  websocket: openWebSocketReader,
  sse: openSseReader,
  'long-poll': openLongPollReader,
  poll: openPollReader,
} as const satisfies Record<string, OpenReader>

export type TransportName = keyof typeof transports

export const transportNames = Object.keys(transports) as TransportName[]
