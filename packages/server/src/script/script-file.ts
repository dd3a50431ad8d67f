import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { ContentEncoding } from './accept-encoding.ts'

/** A file in one encoding. */
export interface EncodedFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Strong ETag, different for each encoding. */
  readonly etag: string
}

/** A file that is compressed once. */
export interface ScriptFile {
  readonly text: string
  readonly contentType: string
  /** Returns the file in an encoding. The first call for an encoding compresses it. */
  encoded(encoding: ContentEncoding): Promise<EncodedFile>
}

const compressBrotli = promisify(brotliCompress)
const compressGzip = promisify(gzip)

const encoders: Readonly<Record<ContentEncoding, (bytes: Buffer) => Promise<Buffer>>> = {
  identity: bytes => Promise.resolve(bytes),
  gzip: bytes => compressGzip(bytes, { level: constants.Z_BEST_COMPRESSION }),
  br: bytes =>
    compressBrotli(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
}

/** Creates a file that is compressed with the highest levels of brotli and gzip. */
export function createScriptFile(text: string, contentType: string): ScriptFile {
  const bytes = Buffer.from(text)
  const hash = createHash('sha256').update(bytes).digest('base64url').slice(0, 22)
  const encode = async (encoding: ContentEncoding): Promise<EncodedFile> => ({
    bytes: Uint8Array.from(await encoders[encoding](bytes)),
    etag: encoding === 'identity' ? `"${hash}"` : `"${hash}-${encoding}"`,
  })
  const encoded = new Map<ContentEncoding, Promise<EncodedFile>>()
  return {
    text,
    contentType,
    encoded(encoding) {
      const file = encoded.get(encoding) ?? encode(encoding)
      encoded.set(encoding, file)
      return file
    },
  }
}
