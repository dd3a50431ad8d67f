import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { type ContentEncoding, selectEncoding } from '../script/accept-encoding.ts'
import type { Clock } from '../shared/clock.ts'
import { createTimedStream } from './timed-stream.ts'

/** Answers up to this size are sent as they are: compression would save less than a packet. */
const minCompressedBytes = 1024
const chunkBytes = 64 * 1024
/** Bytes of all answers that clients have not read yet. */
const maxUnsentBytes = 64 * 2 ** 20

/** A JSON answer. Several requests may share it, and so its compressed forms. */
export interface JsonAnswer {
  /** Returns the bytes in an encoding. The first call for an encoding compresses them, in another thread. */
  encoded(encoding: ContentEncoding): Promise<Buffer>
  /** Size without compression, in bytes. */
  readonly size: number
}

const encoders: Readonly<Record<ContentEncoding, (bytes: Buffer) => Promise<Buffer>>> = {
  identity: async bytes => bytes,
  gzip: bytes => promisify(gzip)(bytes),
  br: bytes =>
    promisify(brotliCompress)(bytes, {
      // The default, 11, takes seconds for a megabyte.
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 4,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
}

export function createJsonAnswer(bytes: Buffer): JsonAnswer {
  const forms = new Map<ContentEncoding, Promise<Buffer>>()
  return {
    size: bytes.length,
    encoded(encoding) {
      const form = forms.get(encoding) ?? encoders[encoding](bytes)
      forms.set(encoding, form)
      return form
    },
  }
}

/** Sends large answers in pieces, and bounds the bytes that wait for slow clients. */
export interface AnswerSender {
  /** @returns `undefined` while clients have too many bytes to read */
  send(
    answer: JsonAnswer,
    request: Request,
    headers: Readonly<Record<string, string>>,
  ): Promise<Response | undefined>
}

export function createAnswerSender(clock: Pick<Clock, 'after'>): AnswerSender {
  /** Number of unsent responses by the bytes that they share. */
  const holders = new Map<Buffer, number>()

  const unsentBytes = (): number => [...holders.keys()].reduce((sum, each) => sum + each.length, 0)

  function hold(bytes: Buffer): () => void {
    holders.set(bytes, (holders.get(bytes) ?? 0) + 1)
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      const others = (holders.get(bytes) ?? 1) - 1
      if (others > 0) holders.set(bytes, others)
      else holders.delete(bytes)
    }
  }

  function stream(bytes: Buffer): ReadableStream<Uint8Array> {
    let sent = 0
    return createTimedStream({
      clock,
      release: hold(bytes),
      next() {
        const chunk = bytes.subarray(sent, sent + chunkBytes)
        sent += chunk.length
        return { bytes: chunk, isLast: sent >= bytes.length }
      },
    })
  }

  return {
    async send(answer, { headers: requested }, headers) {
      const accepted = selectEncoding(requested.get('Accept-Encoding') ?? undefined)
      const encoding = answer.size < minCompressedBytes ? 'identity' : accepted
      const bytes = await answer.encoded(encoding)
      if (!holders.has(bytes) && unsentBytes() + bytes.length > maxUnsentBytes) return undefined
      const { Vary } = headers
      return new Response(bytes.length > chunkBytes ? stream(bytes) : Uint8Array.from(bytes), {
        headers: {
          ...headers,
          'Content-Type': 'application/json',
          'Content-Length': String(bytes.length),
          Vary: Vary === undefined ? 'Accept-Encoding' : `${Vary}, Accept-Encoding`,
          ...(encoding !== 'identity' && { 'Content-Encoding': encoding }),
        },
      })
    },
  }
}
