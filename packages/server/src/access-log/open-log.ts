import { open } from 'node:fs/promises'
import { type Readable, addAbortSignal, pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type Line, readLines } from './read-lines.ts'

/** A log that is being read, once, from its beginning. */
export interface AccessLog {
  /** `undefined` for what has no size before its end: standard input, a pipe. */
  readonly totalBytes: number | undefined
  /** Bytes of the file, as it is on disk, that the lines read so far took; of gzip, those unpacked. */
  consumedBytes(): number
  /**
   * The lines, some at a time, as they are read. Ends with an error when the file cannot be read on, or when its gzip is damaged or cut
   * off; the lines before that have come.
   */
  readonly lines: AsyncIterable<Iterable<Line>>
}

export interface OpenOptions {
  /** What `-` reads. @default process.stdin */
  stdin?: Readable
  /** Ends the reading, even of an input from which nothing comes, with an AbortError. */
  signal?: AbortSignal
}

/**
 * Opens an access log: a file, or standard input for `-`. It may be compressed with gzip, in one member or
 * several one after the other; its first two bytes tell, not its name. Memory stays bounded whatever the
 * size.
 * @throws the error of the file system when there is no such file or it cannot be opened
 */
export async function openAccessLog(path: string, options: OpenOptions = {}): Promise<AccessLog> {
  const { stdin = process.stdin, signal } = options
  if (path === '-') return readAccessLog(stdin, undefined, signal)
  const file = await open(path)
  const stats = await file.stat()
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
  const { first, chunks } = await peek(source, 2)
  if (!isGzip(first)) {
    for await (const lines of readLines(chunks)) yield taken(lines, progress)
    return
  }
  // The callback has nothing to do: an error of either stream also ends the iteration below.
  const unpacked = pipeline(counted(chunks, progress), createGunzip(), () => {})
  yield* readLines(unpacked)
}

function* taken(lines: readonly Line[], progress: Progress): Generator<Line> {
  for (const line of lines) {
    progress.bytes = line.endByte
    yield line
  }
}

/** The beginning of a stream, of at least `bytes` unless it ends before, and then all of it. */
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

async function* counted(chunks: AsyncIterable<Buffer>, progress: Progress): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    yield chunk
    progress.bytes += chunk.length
  }
}

/** The two bytes that begin every gzip member (RFC 1952, section 2.3.1). */
function isGzip(first: Buffer): boolean {
  return first[0] === 0x1f && first[1] === 0x8b
}
