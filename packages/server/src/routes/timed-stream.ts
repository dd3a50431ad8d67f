import type { Clock } from '../shared/clock.ts'

/** Longest time in which a client reads nothing, in milliseconds. Its answer then ends. */
const readTimeoutMs = 30_000

export interface TimedStreamOptions {
  clock: Pick<Clock, 'after'>
  /** Produces the next bytes. Its time does not count as time without reading. */
  next(): Chunk | Promise<Chunk>
  /** Called when the stream ends, also by an error, the client or the timeout. It may be called more than once. */
  release(): void
}

export interface Chunk {
  /** May be empty. */
  readonly bytes: Uint8Array
  readonly isLast: boolean
}

/** Creates a stream that produces bytes only when its client reads, and ends for a client that reads nothing. */
export function createTimedStream({
  clock,
  next,
  release,
}: TimedStreamOptions): ReadableStream<Uint8Array> {
  let cancelTimeout = (): void => {}
  const end = (): void => {
    cancelTimeout()
    release()
  }

  function restartTimeout(controller: ReadableStreamDefaultController<Uint8Array>): void {
    cancelTimeout()
    cancelTimeout = clock.after(readTimeoutMs, () => {
      controller.error(new Error(`The client read nothing for ${readTimeoutMs} ms.`))
      release()
    })
  }

  return new ReadableStream<Uint8Array>(
    {
      start: restartTimeout,
      async pull(controller) {
        cancelTimeout()
        try {
          const { bytes, isLast } = await next()
          if (bytes.length > 0) controller.enqueue(bytes)
          if (!isLast) return restartTimeout(controller)
          end()
          controller.close()
        } catch (error) {
          end()
          throw error
        }
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  )
}
