/**
 * A message for many WebSockets, encoded once. A library that sends text creates a frame header, and two buffers to
 * write, for each socket.
 */
export interface SharedMessage {
  readonly text: string
  /** One unfragmented, unmasked text frame (RFC 6455, 5.2). */
  readonly bytes: Buffer
}

/** FIN bit and the opcode of text. */
const finalText = 0x81
/** Smallest payloads with a length field of two more bytes, and of eight more bytes. */
const minLength16 = 126
const minLength64 = 0x10000

export function toSharedMessage(text: string): SharedMessage {
  const length = Buffer.byteLength(text)
  const head = headOf(length)
  const bytes = Buffer.allocUnsafe(head.length + length)
  head.copy(bytes)
  bytes.write(text, head.length)
  return { text, bytes }
}

function headOf(length: number): Buffer {
  if (length < minLength16) return Buffer.from([finalText, length])
  const isShort = length < minLength64
  const head = Buffer.from([
    finalText,
    isShort ? 126 : 127,
    ...Array<number>(isShort ? 2 : 8).fill(0),
  ])
  if (isShort) head.writeUInt16BE(length, 2)
  else head.writeBigUInt64BE(BigInt(length), 2)
  return head
}
