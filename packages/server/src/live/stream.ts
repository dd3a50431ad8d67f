import {
  type Cursor,
  type ResetReason,
  type Selection,
  formatCursor,
  selectionKey,
} from '@tidemark/protocol'
import type { Clock } from '../shared/clock.ts'
import { diffChannel } from './diff.ts'
import { encodeFrame } from './encode-frame.ts'
import type { EncodedFrame } from './encoded-frame.ts'
import { type FrameNumbers, createFrameCounter } from './frame-numbers.ts'
import { type RingBounds, type RingSize, type SlotPatch, createRing } from './ring.ts'
import { createRowSlots } from './row-slots.ts'
import { type Room, type Slot, isWatched, lastSeqOf, watchedMs } from './slot.ts'
import { createSlots } from './slots.ts'
import type { LiveSource } from './source.ts'

/** Shortest time between frames. The first frame after a silence leaves at once. */
const frameIntervalMs = 250

export type Replay =
  | { readonly frames: readonly EncodedFrame[]; readonly to: Cursor }
  | { readonly reset: ResetReason }

/**
 * The numbered frames of one site: the only path from its state to readers. A frame contains the watched slots. Changes
 * of the others come in one frame when a reader requests them.
 */
export interface Stream {
  /** Cursor of the last frame. */
  readonly head: Cursor
  /**
   * Prepares a selection for the calls below: reads the events of its properties from history. Resolves with whether
   * there is room for them. Without it, these calls read history themselves, and take longer.
   */
  prepare(selection: Selection): boolean | Promise<boolean>
  /** Returns the cursor of the last frame that changed the selection. */
  cursorOf(selection: Selection): Cursor
  /** Returns the state of the selection at its cursor, as the JSON of a `Snapshot`. */
  snapshotOf(selection: Selection): string
  /** Returns all frames of the selection after a cursor, or the reason for a reset. */
  since(selection: Selection, cursor: Cursor): Replay
  /**
   * Calls the listener with every later frame of the selection until the returned function is called. A listener
   * may read its own selection only.
   */
  subscribe(selection: Selection, listener: (frame: EncodedFrame) => void): () => void
  /** Counts a reader without a selection yet, until the returned function is called. */
  retain(): () => void
  /** Whether any reader is subscribed or retains the stream. */
  readonly hasReaders: boolean
  /** Frames that the stream stores for readers that reconnect. */
  readonly ringSize: RingSize
  /** Reports that the source may have changed. */
  touch(): void
  /** Stops publishing. */
  close(): void
}

export interface StreamOptions {
  source: LiveSource
  epoch: number
  /** @default numbers of a stream without siblings, from 0 */
  numbers?: FrameNumbers
  clock: Clock
  ring?: RingBounds
  /** @default 10,000 */
  maxUnreadPages?: number
}

export function createStream(options: StreamOptions): Stream {
  const { source, epoch, clock, numbers = createFrameCounter()() } = options
  const ring = createRing(options.ring)
  const rooms = new Map<string, Room>()
  const retainers = new Set<symbol>()
  let publishedAt = -Infinity
  /** Time of the last touch that was handled at once. It may have changed no watched slot, and published nothing. */
  let touchedAt = -Infinity
  let nextTick: { at: number; cancel: () => void } | undefined
  let isClosed = false
  source.advance(clock.now())
  const slots = createSlots(source, clock.now(), numbers.last)
  const rowSlots = createRowSlots(source, numbers, clock, options.maxUnreadPages)

  const cursorAt = (seq: number): Cursor => ({ epoch, seq })

  function tick(): void {
    nextTick?.cancel()
    nextTick = undefined
    const now = clock.now()
    source.advance(now)
    publish(now)
    scheduleNext()
  }

  function hasWatchedSlots(): boolean {
    const now = clock.now()
    // Always called, as it also drops unread slots.
    const hasRows = rowSlots.sweep(now)
    for (const slot of slots) if (isWatched(slot, now)) return true
    return hasRows
  }

  /**
   * Returns the slots of a selection and marks them as watched. Publishes first when one of them was not, as its
   * changes are in no frame yet.
   */
  function open(selection: Selection): Slot[] {
    const now = clock.now()
    const siteSlots = slots.of(selection)
    const isBehind = siteSlots.some(slot => !isWatched(slot, now)) || rowSlots.isBehind(selection)
    if (!isClosed) {
      for (const slot of siteSlots) slot.watchedUntil = now + watchedMs
      if (isBehind) tick()
    }
    const selected = [...siteSlots, ...rowSlots.open(selection, now)]
    if (isBehind) scheduleNext()
    return selected
  }

  /**
   * Schedules a tick for the next whole second, or for the next change of an idle source. Changes by time alone are
   * published then, for all readers together.
   */
  function scheduleNext(): void {
    if (isClosed || !hasWatchedSlots()) return
    const now = clock.now()
    const at = source.isIdle() ? rowSlots.nextChangeAt(now) : Math.floor(now / 1000) * 1000 + 1000
    if (at !== undefined) schedule(at)
  }

  function schedule(at: number): void {
    if (nextTick && nextTick.at <= at) return
    nextTick?.cancel()
    nextTick = { at, cancel: clock.after(Math.max(0, at - clock.now()), tick) }
  }

  /** Publishes all changes of watched slots since the last frame, if there are any. */
  function publish(now: number): void {
    const patches = new Map<Slot, SlotPatch>()
    for (const slot of slots) {
      if (!isWatched(slot, now)) continue
      const next = source.read(slot.channel, slot.minutes)
      const patch = diffChannel(slot.channel, slot.value, next)
      slot.value = next
      if (patch === undefined) continue
      slot.json = undefined
      patches.set(slot, { patch, json: JSON.stringify(patch) })
    }
    for (const [slot, patch] of rowSlots.takeChanges(now)) patches.set(slot, patch)
    if (patches.size === 0) return
    const seq = numbers.next()
    publishedAt = now
    for (const slot of patches.keys()) Object.assign(slot, { seq, at: now })
    ring.push({ seq, at: now, patches })
    for (const [room, changes] of changesByRoom(patches)) deliver(room, changes, now)
  }

  function deliver(room: Room, changes: Changes, at: number): void {
    const frame = encodeFrame(changes, room.seq, at, cursorAt(numbers.last))
    room.seq = numbers.last
    for (const listener of [...room.listeners]) listener(frame)
  }

  function openRoom(selection: Selection, selected: readonly Slot[]): Room {
    const room: Room = {
      selection,
      slots: selected,
      listeners: new Set(),
      seq: lastSeqOf(selected),
    }
    rooms.set(selectionKey(selection), room)
    for (const slot of selected) {
      slot.rooms.add(room)
      rowSlots.retain(slot)
    }
    return room
  }

  function closeRoom(room: Room): void {
    rooms.delete(selectionKey(room.selection))
    for (const slot of room.slots) {
      slot.rooms.delete(room)
      if (slot.rooms.size === 0) rowSlots.release(slot, clock.now())
    }
  }

  return {
    get head() {
      return cursorAt(numbers.last)
    },
    get hasReaders() {
      return rooms.size > 0 || retainers.size > 0
    },
    get ringSize() {
      return ring.size
    },
    retain() {
      const retainer = Symbol('retainer')
      retainers.add(retainer)
      return () => void retainers.delete(retainer)
    },
    prepare(selection) {
      if (selection.properties.length === 0 || isClosed) return true
      const prepared = rowSlots.prepare(selection)
      if (typeof prepared === 'boolean') {
        scheduleNext()
        return prepared
      }
      return prepared.then(isReady => {
        scheduleNext()
        return isReady
      })
    },
    cursorOf: selection => cursorAt(lastSeqOf(open(selection))),
    snapshotOf(selection) {
      const selected = open(selection)
      const cursor = formatCursor(cursorAt(lastSeqOf(selected)))
      const at = Math.max(...selected.map(slot => slot.at))
      const state = selection.channels.map(channel => `"${channel}":${jsonOf(channel, selected)}`)
      const start = `"cursor":"${cursor}","at":${at},"windowMinutes":${selection.minutes}`
      return `{${[start, ...state].join(',')}}`
    },
    since(selection, cursor) {
      const selected = open(selection)
      if (cursor.epoch !== epoch) return { reset: 'epoch' }
      if (cursor.seq > numbers.last) return { reset: 'future' }
      if (!numbers.has(cursor.seq)) return { reset: 'expired' }
      if (selected.some(slot => slot.evictedSeq > cursor.seq)) return { reset: 'expired' }
      const frames: EncodedFrame[] = []
      let previous = cursor.seq
      for (const { seq, at, patches } of ring.after(cursor.seq)) {
        const changes = selected.flatMap(slot => {
          const patch = patches.get(slot)
          return patch ? [[slot, patch] as const] : []
        })
        if (changes.length === 0) continue
        frames.push(encodeFrame(changes, previous, at, cursorAt(seq)))
        previous = seq
      }
      return { frames, to: cursorAt(previous) }
    },
    subscribe(selection, listener) {
      const selected = open(selection)
      const room = rooms.get(selectionKey(selection)) ?? openRoom(selection, selected)
      room.listeners.add(listener)
      return () => {
        // A second call must not close the room again.
        if (room.listeners.delete(listener) && room.listeners.size === 0) closeRoom(room)
      }
    },
    touch() {
      // Records that were on their way to the log when the stream closed are folded after that.
      if (isClosed || !hasWatchedSlots()) return
      const due = Math.max(publishedAt, touchedAt) + frameIntervalMs
      if (due > clock.now()) {
        schedule(due)
        return
      }
      touchedAt = clock.now()
      tick()
    },
    close() {
      isClosed = true
      nextTick?.cancel()
      nextTick = undefined
      rooms.clear()
      rowSlots.close()
    },
  }
}

type Changes = (readonly [Slot, SlotPatch])[]

/** Groups changes by the rooms that they concern, so that a frame costs nothing for the others. */
function changesByRoom(patches: ReadonlyMap<Slot, SlotPatch>): Map<Room, Changes> {
  const byRoom = new Map<Room, Changes>()
  for (const change of patches) {
    for (const room of change[0].rooms) {
      const changes = byRoom.get(room)
      if (changes) changes.push(change)
      else byRoom.set(room, [change])
    }
  }
  return byRoom
}

/** Returns the JSON of a channel's published value. */
function jsonOf(channel: string, selected: readonly Slot[]): string {
  const own = selected.filter(slot => slot.channel === channel)
  const json = own.map(slot => (slot.json ??= JSON.stringify(slot.value)))
  return own[0]?.rowKey === undefined ? json.join('') : `[${json.join(',')}]`
}
