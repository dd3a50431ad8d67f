import { type Cursor, type Selection, type ServerMessage, formatCursor } from '@tidemark/protocol'
import { type EncodedFrame, mergeEncoded } from './encoded-frame.ts'
import type { FrameSink } from './frame-sink.ts'
import type { ReaderBounds } from './reader-bounds.ts'
import type { Stream } from './stream.ts'

/** Pings in a row at which the buffer may be above the soft bound. */
const maxFullPings = 2

export interface DeliveryOptions {
  stream: Stream
  sink: FrameSink
  bounds: Pick<ReaderBounds, 'softBufferBytes' | 'maxBufferBytes'>
  /** Terminates the reader when its buffer is above the hard bound. Returns whether it did. */
  terminateIfTooSlow: () => boolean
}

/** Sends one reader its selection: first a snapshot or a replay, then frames as fast as it reads them. */
export interface Delivery {
  /** Creation time of the last frame that was sent. */
  readonly lastFrameAt: number
  /**
   * Replaces the selection. Sends a replay after a cursor, otherwise a snapshot.
   * @param id named in the answer
   */
  subscribe(id: number | undefined, selection: Selection, since: Cursor | undefined): void
  /** Returns the cursor of the last frame that concerns the reader. */
  cursor(): Cursor
  /** Sends held frames when the buffer has room again. Returns false when it was full at too many pings. */
  checkBuffer(): boolean
  stop(): void
}

interface Subscription {
  readonly id: number | undefined
  readonly selection: Selection
  /** Cursor of the reader after everything that was sent. */
  cursor: Cursor
  /** Whether frames are held back because the reader does not read them fast enough. */
  isBehind: boolean
  readonly unsubscribe: () => void
}

export function createDelivery(options: DeliveryOptions): Delivery {
  const { stream, sink, bounds, terminateIfTooSlow } = options
  let subscription: Subscription | undefined
  let lastFrameAt = -Infinity
  let fullPings = 0

  const send = (message: ServerMessage): void => sink.send(JSON.stringify(message))

  function deliver(to: Subscription, frame: EncodedFrame): void {
    const bufferedBytes = sink.bufferedBytes()
    if (bufferedBytes > bounds.softBufferBytes) {
      if (bufferedBytes <= bounds.maxBufferBytes || !terminateIfTooSlow()) to.isBehind = true
    } else if (to.isBehind) {
      to.isBehind = false
      catchUp(to)
    } else {
      sendFrame(to, frame)
    }
  }

  /** Sends all missed frames as one, or a snapshot when they are no longer available. */
  function catchUp(to: Subscription, onReplay?: (end: Cursor) => void): void {
    const replay = stream.since(to.selection, to.cursor)
    if ('reset' in replay) {
      send({ type: 'reset', reason: replay.reset })
      sendSnapshot(to)
      return
    }
    onReplay?.(replay.to)
    const merged = mergeEncoded(replay.frames)
    if (merged) sendFrame(to, merged)
  }

  function sendFrame(to: Subscription, frame: EncodedFrame): void {
    to.cursor = frame.cursor
    lastFrameAt = frame.at
    fullPings = 0
    sink.sendFrame(frame)
  }

  function sendSnapshot(to: Subscription): void {
    const id = to.id === undefined ? '' : `"id":${to.id},`
    to.cursor = stream.cursorOf(to.selection)
    const json = `{"type":"snap",${id}"snapshot":${stream.snapshotOf(to.selection)}}`
    sink.send(json, to.cursor)
  }

  return {
    get lastFrameAt() {
      return lastFrameAt
    },
    // Synchronous from replay to subscription, so that no frame can come between them.
    subscribe(id, selection, since) {
      subscription?.unsubscribe()
      const next: Subscription = {
        id,
        selection,
        cursor: since ?? stream.cursorOf(selection),
        isBehind: false,
        unsubscribe: stream.subscribe(selection, frame => deliver(next, frame)),
      }
      subscription = next
      if (!since) {
        sendSnapshot(next)
        return
      }
      const from = formatCursor(since)
      const named = id === undefined ? {} : { id }
      catchUp(next, to => send({ type: 'ok', ...named, from, to: formatCursor(to) }))
    },
    cursor: () => (subscription ? stream.cursorOf(subscription.selection) : stream.head),
    checkBuffer() {
      const isFull = sink.bufferedBytes() > bounds.softBufferBytes
      fullPings = isFull ? fullPings + 1 : 0
      if (fullPings > maxFullPings) return false
      if (subscription?.isBehind && !isFull) {
        subscription.isBehind = false
        catchUp(subscription)
      }
      return true
    },
    stop() {
      subscription?.unsubscribe()
      subscription = undefined
    },
  }
}
