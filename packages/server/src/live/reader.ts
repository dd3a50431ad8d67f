import {
  type Cursor,
  type Selection,
  type ServerMessage,
  closeCodes,
  formatCursor,
} from '@tidemark/protocol'
import type { Clock } from '../shared/clock.ts'
import { type Access, openAccess } from '../guard/access.ts'
import { type EncodedFrame, type Stream, mergeEncoded } from './stream.ts'

/** The way to one reader, whichever transport it is of. */
export interface FrameSink {
  /** A message as JSON; `cursor` is where it takes the reader, for a message that does. */
  send(json: string, cursor?: Cursor): void
  /** A frame, which a transport may encode once for all who get it. */
  sendFrame(frame: EncodedFrame): void
  /** Ends it once what was sent has gone. */
  close(code: number): void
  /** Ends it without waiting for the peer: the only way to be rid of one that does not read. */
  terminate(): void
  /** Bytes that were sent and that the peer has not taken yet. */
  bufferedBytes(): number
}

export interface ReaderBounds {
  /** The longest silence: a reader that was sent nothing of its selection for so long is pinged. @default 15 seconds */
  heartbeatMs: number
  /** The first ping, by which a reader knows that the way holds. @default 1 second */
  firstHeartbeatMs: number
  /** Above this a reader gets no frames until it has caught up, and then one for all it missed. @default 64 KiB */
  softBufferBytes: number
  /** Above this it is ended. @default 1 MiB */
  maxBufferBytes: number
  /** A connection ends after a random 80 to 100 % of this, and its reader comes back. @default 1 hour */
  lifetimeMs: number
}

export const defaultReaderBounds: ReaderBounds = {
  heartbeatMs: 15_000,
  firstHeartbeatMs: 1000,
  softBufferBytes: 64 * 1024,
  maxBufferBytes: 1024 * 1024,
  lifetimeMs: 3_600_000,
}

/** What every transport that sends frames as they are made is given. */
export interface ReaderSettings {
  clock: Clock
  /** In [0, 1). */
  random: () => number
  bounds: ReaderBounds
}

export interface ReaderOptions extends ReaderSettings {
  stream: Stream
  sink: FrameSink
  /** @default one that never ends */
  access?: Access | undefined
  /** Once in each heartbeat, or more often. */
  onBeat?: () => void
  /** Before each ping; `false` when the reader has been found to be gone. */
  onPing?: () => boolean
  /** Whether there is a ping that the reader has not answered. @default never */
  isUnanswered?: () => boolean
}

/** One reader who is sent frames as they are made. */
export interface Reader {
  readonly isOpen: boolean
  /**
   * Takes a selection in place of any before, after a replay where there is a cursor.
   * @param id named in the answer
   */
  subscribe(id: number | undefined, selection: Selection, since: Cursor | undefined): void
  /** Whether it could be ended, because more was waiting for it than may be. */
  endIfTooSlow(): boolean
  /** A fresh token in place of the one before; whether it is good. */
  renew(token: string): Promise<boolean>
  /** Tells it to go away and come back after `retryMs`. */
  bye(code: number, retryMs: number): void
  /** Ends one that cannot be spoken to. */
  abandon(code: number): void
  /** Says that the connection is gone. */
  closed(): void
}

interface Subscription {
  readonly id: number | undefined
  readonly selection: Selection
  /** Where the reader is once it has read all that was sent. */
  cursor: Cursor
  /** Frames were held back, because the reader does not take them as fast as they are made. */
  behind: boolean
  readonly end: () => void
}

/** Frames tell a reader all that a ping does. Whether it is still there is asked all the same, once in so many heartbeats. */
const heartbeatsPerPing = 4
/** Heartbeats on end at which more may wait for a reader than the soft bound. */
const maxStuckBeats = 2
/**
 * Pings leave at whole multiples of this, in milliseconds, and their answers come together: to wake up for each of
 * two thousand idle readers by itself takes more than twice the processor time.
 */
const alignMs = 250
/** How long before a token ends the reader is told. */
const expiryNoticeMs = 30_000
/** Over how long the return of readers is spread whose time was up. */
const rotationSpreadMs = 1000

export function openReader(options: ReaderOptions): Reader {
  const { stream, sink, clock, random, bounds, onBeat, onPing, isUnanswered } = options
  let access = options.access ?? openAccess
  let subscription: Subscription | undefined
  let isOpen = true
  let stuckBeats = 0
  /** When the last frame that the reader was sent was made. */
  let framedAt = -Infinity
  let pingedAt = -Infinity
  // Before its first subscription too: a stream that is let go makes no frames for who subscribes then.
  const letGo = stream.hold()
  let cancelHeartbeat = clock.after(untilAligned(clock.now(), bounds.firstHeartbeatMs), heartbeat)
  let cancelExpiry = awaitExpiry()
  const lifetimeMs = bounds.lifetimeMs * (0.8 + 0.2 * random())
  const cancelRotation = clock.after(lifetimeMs, () =>
    bye(closeCodes.draining, Math.round(random() * rotationSpreadMs)),
  )

  const send = (message: ServerMessage): void => sink.send(JSON.stringify(message))

  function stop(): void {
    isOpen = false
    cancelHeartbeat()
    cancelExpiry()
    cancelRotation()
    subscription?.end()
    subscription = undefined
    letGo()
  }

  function bye(code: number, retryMs: number): void {
    if (!isOpen) return
    send({ type: 'bye', code, retry: retryMs })
    stop()
    sink.close(code)
  }

  function abandon(code: number): void {
    bye(code, 0)
    sink.terminate()
  }

  /** Whatever makes more wait asks this first. */
  function endIfTooSlow(): boolean {
    if (sink.bufferedBytes() <= bounds.maxBufferBytes) return false
    abandon(closeCodes.tooSlow)
    return true
  }

  function heartbeat(): void {
    onBeat?.()
    const now = clock.now()
    const askAt = pingedAt + (isUnanswered?.() ? 1 : heartbeatsPerPing) * bounds.heartbeatMs
    const quietMs = Math.min(framedAt + bounds.heartbeatMs, askAt) - now
    const isDue = quietMs < alignMs
    cancelHeartbeat = clock.after(
      untilAligned(now, isDue ? bounds.heartbeatMs : quietMs),
      heartbeat,
    )
    if (isDue) ping(now)
  }

  function ping(now: number): void {
    if (onPing?.() === false || endIfTooSlow()) return
    const isStuck = sink.bufferedBytes() > bounds.softBufferBytes
    stuckBeats = isStuck ? stuckBeats + 1 : 0
    if (stuckBeats > maxStuckBeats) {
      abandon(closeCodes.tooSlow)
      return
    }
    if (subscription?.behind && !isStuck) {
      subscription.behind = false
      catchUp(subscription)
    }
    const head = formatCursor(stream.head)
    const cursor = subscription ? stream.cursorOf(subscription.selection) : stream.head
    pingedAt = now
    send({ type: 'ping', head, cursor: formatCursor(cursor) })
  }

  /** Tells the reader in time that its token ends, and then ends it. Gives back what cancels that. */
  function awaitExpiry(): () => void {
    const { expiresAt } = access
    if (expiresAt === undefined) return () => {}
    const leftMs = Math.max(0, expiresAt - clock.now())
    const cancelNotice = clock.after(Math.max(0, leftMs - expiryNoticeMs), () =>
      send({ type: 'expiring', in: Math.max(0, expiresAt - clock.now()) }),
    )
    const cancelEnd = clock.after(leftMs, () => bye(closeCodes.tokenExpired, 0))
    return () => {
      cancelNotice()
      cancelEnd()
    }
  }

  function deliver(to: Subscription, frame: EncodedFrame): void {
    const waiting = sink.bufferedBytes()
    if (waiting > bounds.softBufferBytes) {
      if (waiting <= bounds.maxBufferBytes || !endIfTooSlow()) to.behind = true
    } else if (to.behind) {
      to.behind = false
      catchUp(to)
    } else {
      sendFrame(to, frame)
    }
  }

  /** Sends all that the reader has not had as one frame, or a snapshot when that cannot be. */
  function catchUp(to: Subscription, say?: (replayed: Cursor) => void): void {
    const replay = stream.since(to.selection, to.cursor)
    if ('reset' in replay) {
      send({ type: 'reset', reason: replay.reset })
      sendSnapshot(to)
      return
    }
    say?.(replay.to)
    const merged = mergeEncoded(replay.frames)
    if (merged) sendFrame(to, merged)
  }

  function sendFrame(to: Subscription, frame: EncodedFrame): void {
    to.cursor = frame.cursor
    framedAt = frame.at
    stuckBeats = 0
    sink.sendFrame(frame)
  }

  function sendSnapshot(to: Subscription): void {
    const id = to.id === undefined ? '' : `"id":${to.id},`
    to.cursor = stream.cursorOf(to.selection)
    const json = `{"type":"snap",${id}"snapshot":${stream.snapshotOf(to.selection)}}`
    sink.send(json, to.cursor)
  }

  send({ type: 'hello', epoch: stream.head.epoch, heartbeat: bounds.heartbeatMs })

  return {
    get isOpen() {
      return isOpen
    },
    // One turn of the loop from replay to subscription, so no frame can come between them.
    subscribe(id, selection, since) {
      subscription?.end()
      // A subscription is proved by a ping after it, also while frames come.
      pingedAt = -Infinity
      const next: Subscription = {
        id,
        selection,
        cursor: since ?? stream.cursorOf(selection),
        behind: false,
        end: stream.subscribe(selection, frame => deliver(next, frame)),
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
    endIfTooSlow,
    async renew(token) {
      const fresh = await access.renew(token)
      if (fresh && isOpen) {
        access = fresh
        cancelExpiry()
        cancelExpiry = awaitExpiry()
      }
      return fresh !== undefined
    },
    bye,
    abandon,
    closed: stop,
  }
}

/** Time to the last of those multiples that is at most `ms` away. */
function untilAligned(now: number, ms: number): number {
  const everyMs = Math.min(alignMs, ms)
  return Math.max(1, Math.floor((now + ms) / everyMs) * everyMs - now)
}
