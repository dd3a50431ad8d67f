import type { ServerMessage } from '@tidemark/protocol'
import type { Wire } from '../live/connection.ts'

/** A socket that keeps what it was told, and whose peer reads as slowly as a test wants. */
export interface ScriptedWire extends Wire {
  /** What was sent, oldest first, and taken out of here by `take`. */
  readonly sent: string[]
  /** What was sent since the last call. */
  take(): ServerMessage[]
  /** Bytes that the peer has not taken yet. */
  buffered: number
  /** The code it was closed with. */
  closeCode: number | undefined
  isTerminated: boolean
}

export function createScriptedWire(): ScriptedWire {
  const wire: ScriptedWire = {
    sent: [],
    buffered: 0,
    closeCode: undefined,
    isTerminated: false,
    send: message => void wire.sent.push(message),
    sendShared: ({ text }) => wire.send(text),
    close(code) {
      wire.closeCode ??= code
    },
    terminate() {
      wire.isTerminated = true
    },
    bufferedBytes: () => wire.buffered,
    take: () => wire.sent.splice(0).map(text => JSON.parse(text) as ServerMessage),
  }
  return wire
}
