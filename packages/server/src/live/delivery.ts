import { type Cursor, type Selection, type ServerMessage, formatCursor } from '@tidemark/protocol'
import { type EncodedFrame, mergeEncoded } from './encoded-frame.ts'
import type { FrameSink } from './frame-sink.ts'
import type { ReaderBounds } from './reader-bounds.ts'
import type { Stream } from './stream.ts'

/** Pings in a row at which the buffer may be above the soft bound. */
const maxFullPings = 2

export interface DeliveryOptions {
  /** Stream of a reader without a subscription. */
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
   * Replaces the selection. Sends a replay after a cursor, otherwise a snapshot. A cursor of another stream gets a
   * snapshot.
   * @param id named in the answer
   */
  subscribe(
    stream: Stream,
    id: number | undefined,
    selection: Selection,
    since: Cursor | undefined,
  ): void
  /** Continues the subscription with a snapshot of another stream. */
  move(stream: Stream): void
  /** Returns the cursor of the last frame that concerns the reader. */
  cursor(): Cursor
  /** Sends held frames when the buffer has room again. Returns false when it was full at too many pings. */
  checkBuffer(): boolean
  stop(): void
}

interface Subscription {
  readonly stream: Stream
  readonly id: number | undefined
  readonly selection: Selection
  /** Cursor of the reader after everything that was sent. */
  cursor: Cursor
  /** Whether frames are held back because the reader does not read them fast enough. */
  isBehind: boolean
  readonly unsubscribe: () => void
}

export function createDelivery(options: DeliveryOptions): Delivery {
  const { sink, bounds, terminateIfTooSlow } = options
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
    const replay = to.stream.since(to.selection, to.cursor)
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
    to.cursor = to.stream.cursorOf(to.selection)
    const json = `{"type":"snap",${id}"snapshot":${to.stream.snapshotOf(to.selection)}}`
    sink.send(json, to.cursor)
  }

  // Synchronous from replay to subscription, so that no frame can come between them.
  function subscribe(
    stream: Stream,
    id: number | undefined,
    selection: Selection,
    requested: Cursor | undefined,
  ): void {
    const since = subscription && subscription.stream !== stream ? undefined : requested
    subscription?.unsubscribe()
    const next: Subscription = {
      stream,
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
  }

  return {
    get lastFrameAt() {
      return lastFrameAt
    },
    subscribe,
    move(stream) {
      if (!subscription || subscription.stream === stream) return
      subscribe(stream, subscription.id, subscription.selection, undefined)
    },
    cursor: () =>
      subscription ? subscription.stream.cursorOf(subscription.selection) : options.stream.head,
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
