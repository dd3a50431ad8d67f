import { open } from 'node:fs/promises'
import { type Readable, addAbortSignal, pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { UnsupportedCompressionError } from './read-failure.ts'
import { type Line, readLines } from './read-lines.ts'

/** An open access log. Its lines can be read once, from the start. */
export interface AccessLog {
  /** Size of the file; `undefined` for standard input and pipes. */
  readonly totalBytes: number | undefined
  /** Bytes of the file on disk up to the last line read; of a compressed file, the bytes unpacked so far. */
  consumedBytes(): number
  /**
   * The lines, in groups, as they are read. Throws when the file cannot be read further, or when its compressed data
   * is corrupt or truncated, after the lines before that point, or when its compression is unknown.
   */
  readonly lines: AsyncIterable<Iterable<Line>>
}

export interface OpenOptions {
  /** Input for the path `-`. @default process.stdin */
  stdin?: Readable
  /** Ends reading with an AbortError, also while the input is idle. */
  signal?: AbortSignal
}

/**
 * Opens an access log: a file, or standard input for `-`. Gzip is detected by the first two bytes, not by the
 * file name, and may consist of several members. Memory is bounded for input of any size.
 * @throws the file system's error when the file does not exist, is a directory or cannot be opened
 */
export async function openAccessLog(path: string, options: OpenOptions = {}): Promise<AccessLog> {
  const { stdin = process.stdin, signal } = options
  if (path === '-') return readAccessLog(stdin, undefined, signal)
  const file = await open(path)
  const stats = await file.stat()
  // Only a read of a directory fails, and the caller has opened the data directory by then.
  if (stats.isDirectory()) {
    await file.close()
    throw Object.assign(new Error(`${path} is a directory`), { code: 'EISDIR' })
  }
  return readAccessLog(file.createReadStream(), stats.isFile() ? stats.size : undefined, signal)
}

interface Progress {
  bytes: number
}

function readAccessLog(source: Readable, totalBytes: number | undefined, signal?: AbortSignal) {
  if (signal) addAbortSignal(signal, source)
  const progress: Progress = { bytes: 0 }
  return {
    totalBytes,
    consumedBytes: () => progress.bytes,
    lines: linesOf(source, progress),
  }
}

async function* linesOf(source: Readable, progress: Progress): AsyncGenerator<Iterable<Line>> {
  const { first, chunks } = await peek(source, 4)
  const unsupported = unpackers.find(([magic]) => first.toString('latin1').startsWith(magic))
  if (unsupported) {
    source.destroy()
    throw new UnsupportedCompressionError(unsupported[1], unsupported[2])
  }
  if (!isGzip(first)) {
    for await (const lines of readLines(chunks)) yield withProgress(lines, progress)
    return
  }
  // The callback is empty: an error of either stream also ends the iteration below.
  const unpacked = pipeline(withByteCount(chunks, progress), createGunzip(), () => {})
  yield* readLines(unpacked)
}

/** Yields the lines and records how many bytes each of them ends at. */
function* withProgress(lines: readonly Line[], progress: Progress): Generator<Line> {
  for (const line of lines) {
    progress.bytes = line.endByte
    yield line
  }
}

/** Reads at least `bytes` from a stream, unless it ends before; `chunks` yields the stream from its start. */
async function peek(
  source: Readable,
  bytes: number,
): Promise<{ first: Buffer; chunks: AsyncIterable<Buffer> }> {
  const iterator: AsyncIterator<Buffer> = source[Symbol.asyncIterator]()
  let first = Buffer.alloc(0)
  while (first.length < bytes) {
    const next = await iterator.next()
    if (next.done) break
    first = Buffer.concat([first, next.value])
  }
  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      yield first
      for (;;) {
        const next = await iterator.next()
        if (next.done) return
        yield next.value
      }
    } finally {
      await iterator.return?.()
    }
  }
  return { first, chunks: chunks() }
}

async function* withByteCount(
  chunks: AsyncIterable<Buffer>,
  progress: Progress,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    yield chunk
    progress.bytes += chunk.length
  }
}

/** Programs that unpack other compressions, by the first bytes of a file. */
const unpackers: readonly [start: string, compression: string, program: string][] = [
  ['BZh', 'bzip2', 'bzcat'],
  ['\xfd7zX', 'xz', 'xzcat'],
  // Node's decompressor ends at the first of several frames.
  ['\x28\xb5\x2f\xfd', 'zstd', 'zstdcat'],
]

/** Checks the two bytes that start every gzip member (RFC 1952, section 2.3.1). */
function isGzip(first: Buffer): boolean {
  return first[0] === 0x1f && first[1] === 0x8b
}
