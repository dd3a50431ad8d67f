/**
 * A message for many WebSockets, of which each is sent the very same bytes. A library that sends text makes
 * a head for it, and two pieces of the write, for every one.
 */
export interface SharedMessage {
  readonly text: string
  /** On the wire: one frame of text, whole and not masked, as a server's are (RFC 6455, 5.2). */
  readonly bytes: Buffer
}

/** FIN, and the opcode of text. */
const wholeText = 0x81
/** Lengths from here on are said in two bytes more, and from there on in eight. */
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
  if (length < minLength16) return Buffer.from([wholeText, length])
  const isShort = length < minLength64
  const head = Buffer.from([
    wholeText,
    isShort ? 126 : 127,
    ...Array<number>(isShort ? 2 : 8).fill(0),
  ])
  if (isShort) head.writeUInt16BE(length, 2)
  else head.writeBigUInt64BE(BigInt(length), 2)
  return head
}
