import { crc32 } from 'node:zlib'

/*
 * Checksums of stored bytes. CRC-32 detects every change of up to 32 adjacent bits, and so every flipped bit. It includes
 * the key under which the bytes are stored, so that bytes in a wrong row are damaged too.
 */

/** Bytes of a checksum, at the end of sealed bytes. */
export const checksumBytes = 4

/** Appends a checksum to bytes. */
export function seal(key: string, bytes: Uint8Array): Uint8Array {
  const sealed = Buffer.allocUnsafe(bytes.length + checksumBytes)
  sealed.set(bytes)
  sealed.writeUInt32LE(checksumOf(key, bytes), bytes.length)
  return sealed
}

/** Returns a view of the bytes of `seal`, or `undefined` when they, their key or their checksum have changed. */
export function unseal(key: string, value: unknown): Uint8Array | undefined {
  if (!(value instanceof Uint8Array) || value.length < checksumBytes) return undefined
  const length = value.length - checksumBytes
  const bytes = value.subarray(0, length)
  const checksum = Buffer.from(value.buffer, value.byteOffset + length).readUInt32LE()
  return checksum === checksumOf(key, bytes) ? bytes : undefined
}

function checksumOf(key: string, bytes: Uint8Array): number {
  return crc32(bytes, crc32(key))
}
