import type { Cursor } from '@tidemark/protocol'
import type { EncodedFrame } from './encoded-frame.ts'

/** The connection to one reader, independent of its transport. */
export interface FrameSink {
  /** Sends a message as JSON. `cursor` is the reader's cursor after it, for a message that moves the reader. */
  send(json: string, cursor?: Cursor): void
  /** Sends a frame, which a transport may encode once for all of its readers. */
  sendFrame(frame: EncodedFrame): void
  /** Closes the connection after all sent messages have left. */
  close(code: number): void
  /** Closes the connection without waiting for the peer: the only way when the peer does not read. */
  terminate(): void
  /** Bytes that were sent and that the peer has not received. */
  bufferedBytes(): number
}
