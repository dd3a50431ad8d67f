import { createFrameCounter } from '../live/frame-numbers.ts'
import type { RingSize } from '../live/ring.ts'
import type { LiveSource } from '../live/source.ts'
import { type Stream, type StreamOptions, createStream } from '../live/stream.ts'
import { hideSmallCounts } from './hide-small-counts.ts'

/**
 * The streams of one site: one with all counts, and one for each `minCount` of a public rule. They share epoch and
 * state. Each has numbers of its own, so a cursor of one stream is never one of another.
 */
export interface SiteStreams {
  /**
   * Returns the stream in which smaller counts are hidden. Creates it for its first reader.
   * @param minCount 0 hides none
   */
  of(minCount: number): Stream
  readonly hasReaders: boolean
  /** Frames that all streams store for readers that reconnect. */
  readonly ringSize: RingSize
  /** Reports that the source may have changed. */
  touch(): void
  /** Stops publishing. */
  close(): void
}

export function createSiteStreams(
  options: Pick<StreamOptions, 'source' | 'epoch' | 'clock'>,
): SiteStreams {
  const share = shareSource(options.source)
  const numberStream = createFrameCounter()
  const streams = new Map<number, Stream>()
  let isClosed = false

  function create(minCount: number): Stream {
    const source = minCount > 1 ? hideSmallCounts(share(), minCount) : share()
    const stream = createStream({ ...options, source, numbers: numberStream() })
    if (isClosed) stream.close()
    streams.set(minCount, stream)
    return stream
  }

  create(0)
  return {
    of: minCount => streams.get(minCount) ?? create(minCount),
    get hasReaders() {
      return [...streams.values()].some(stream => stream.hasReaders)
    },
    get ringSize() {
      const sizes = [...streams.values()].map(({ ringSize }) => ringSize)
      return {
        frames: sizes.reduce((sum, { frames }) => sum + frames, 0),
        bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
      }
    },
    touch() {
      for (const stream of streams.values()) stream.touch()
    },
    close() {
      isClosed = true
      for (const stream of streams.values()) stream.close()
    },
  }
}

/** Returns a function that gives each stream a source with a listener of its own. */
function shareSource(source: LiveSource): () => LiveSource {
  const listeners = new Map<symbol, Parameters<LiveSource['observePages']>[0]>()
  source.observePages((path, visitors) => {
    for (const listener of listeners.values()) listener(path, visitors)
  })
  return () => {
    const key = Symbol('stream')
    return { ...source, observePages: listener => void listeners.set(key, listener) }
  }
}
