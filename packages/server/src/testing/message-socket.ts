import type { ServerMessage } from '@tidemark/protocol'
import type { MessageSocket } from '../live/connection.ts'

/** A socket that records sent messages. A test sets how many bytes its peer has not received. */
export interface ScriptedSocket extends MessageSocket {
  /** Sent messages, oldest first, without those that `drain` removed. */
  readonly sent: string[]
  /** Returns and removes the messages that were sent since the last call. */
  drain(): ServerMessage[]
  /** Bytes that the peer has not received. */
  buffered: number
  /** The code with which the socket was closed. */
  closeCode: number | undefined
  isTerminated: boolean
}

export function createScriptedSocket(): ScriptedSocket {
  const socket: ScriptedSocket = {
    sent: [],
    buffered: 0,
    closeCode: undefined,
    isTerminated: false,
    send: message => void socket.sent.push(message),
    sendShared: ({ text }) => socket.send(text),
    close(code) {
      socket.closeCode ??= code
    },
    terminate() {
      socket.isTerminated = true
    },
    bufferedBytes: () => socket.buffered,
    drain: () => socket.sent.splice(0).map(text => JSON.parse(text) as ServerMessage),
  }
  return socket
}
