import {
  type Cursor,
  type Frame,
  type ResetReason,
  type Selection,
  formatCursor,
  mergeFrames,
  selectionKey,
} from '@tidemark/protocol'
import type { Clock } from '../shared/clock.ts'
import { diffChannel } from './diff.ts'
import { type RingBounds, type RingFrame, type SlotPatch, createRing } from './ring.ts'
import { type Slot, createSlots, isWatched, lastSeqOf, slotName } from './slots.ts'
import type { LiveSource } from './source.ts'

/** Shortest time between frames. The first frame after a silence leaves at once. */
const frameIntervalMs = 250

/** How long a polled slot stays in frames, in milliseconds. A polling reader polls more often. */
const watchedMs = 60_000

/** A frame of one selection, with the JSON that every transport sends. */
export interface EncodedFrame extends Frame {
  readonly json: string
  /** Cursor of a reader that has applied it. */
  readonly cursor: Cursor
}

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
  /** Reports that the source may have changed. */
  touch(): void
  /** Stops publishing. */
  close(): void
}

/** The subscribers of one selection. */
interface Room {
  readonly selection: Selection
  readonly slots: readonly Slot[]
  readonly listeners: Set<Listener>
}

type Listener = (frame: EncodedFrame) => void

export interface StreamOptions {
  source: LiveSource
  epoch: number
  clock: Clock
  ring?: RingBounds
}

export function createStream({ source, epoch, clock, ring: bounds }: StreamOptions): Stream {
  const ring = createRing(bounds)
  const rooms = new Map<string, Room>()
  const retainers = new Set<symbol>()
  let seq = 0
  let publishedAt = -Infinity
  /** Time of the last touch that was handled at once. It may have changed no watched slot, and published nothing. */
  let touchedAt = -Infinity
  let nextTick: { at: number; cancel: () => void } | undefined
  let isClosed = false
  source.advance(clock.now())
  const slots = createSlots(source, clock.now())

  const cursorAt = (frameSeq: number): Cursor => ({ epoch, seq: frameSeq })

  function tick(): void {
    nextTick?.cancel()
    nextTick = undefined
    const now = clock.now()
    source.advance(now)
    publish(now)
    if (hasWatchedSlots() && !source.isIdle()) schedule(nextSecond())
  }

  function hasWatchedSlots(): boolean {
    const now = clock.now()
    for (const slot of slots) if (isWatched(slot, now)) return true
    return false
  }

  /** Marks slots as watched. Publishes first when one of them was not, as its changes are in no frame yet. */
  function watch(selected: readonly Slot[]): void {
    if (isClosed) return
    const now = clock.now()
    const isBehind = selected.some(slot => !isWatched(slot, now))
    for (const slot of selected) slot.watchedUntil = now + watchedMs
    if (isBehind) tick()
  }

  /** Returns the next whole second. Changes by time alone are published then, for all readers together. */
  function nextSecond(): number {
    return Math.floor(clock.now() / 1000) * 1000 + 1000
  }

  function schedule(at: number): void {
    if (nextTick && nextTick.at <= at) return
    nextTick?.cancel()
    nextTick = { at, cancel: clock.after(Math.max(0, at - clock.now()), tick) }
  }

  /** Publishes all changes of watched slots since the last frame, if there are any. */
  function publish(now: number): void {
    const changed: Slot[] = []
    const patches = new Map<string, SlotPatch>()
    for (const slot of slots) {
      if (!isWatched(slot, now)) continue
      const next = source.read(slot.channel, slot.minutes)
      const patch = diffChannel(slot.channel, slot.value, next)
      slot.value = next
      if (patch === undefined) continue
      slot.json = undefined
      changed.push(slot)
      patches.set(slot.name, { patch, json: JSON.stringify(patch) })
    }
    if (changed.length === 0) return
    const before = new Map([...rooms.values()].map(room => [room, lastSeqOf(room.slots)]))
    seq++
    publishedAt = now
    for (const slot of changed) Object.assign(slot, { seq, at: now })
    const frame: RingFrame = { seq, at: now, patches }
    ring.push(frame)
    for (const [room, previous] of before) deliver(room, previous, frame)
  }

  function deliver(room: Room, previous: number, frame: RingFrame): void {
    if (lastSeqOf(room.slots) !== frame.seq) return
    const encoded = encode(room.selection, previous, frame, cursorAt(frame.seq))
    for (const listener of [...room.listeners]) listener(encoded)
  }

  function openRoom(selection: Selection): Room {
    const room = { selection, slots: slots.of(selection), listeners: new Set<Listener>() }
    rooms.set(selectionKey(selection), room)
    for (const slot of room.slots) slot.rooms++
    return room
  }

  function closeRoom(room: Room): void {
    rooms.delete(selectionKey(room.selection))
    for (const slot of room.slots) slot.rooms--
  }

  return {
    get head() {
      return cursorAt(seq)
    },
    get hasReaders() {
      return rooms.size > 0 || retainers.size > 0
    },
    retain() {
      const retainer = Symbol('retainer')
      retainers.add(retainer)
      return () => void retainers.delete(retainer)
    },
    cursorOf(selection) {
      const selected = slots.of(selection)
      watch(selected)
      return cursorAt(lastSeqOf(selected))
    },
    snapshotOf(selection) {
      const selected = slots.of(selection)
      watch(selected)
      const cursor = cursorAt(lastSeqOf(selected))
      const at = Math.max(...selected.map(slot => slot.at))
      const state = selected.map(slot => {
        slot.json ??= JSON.stringify(slot.value)
        return `"${slot.channel}":${slot.json}`
      })
      const head = `"cursor":"${formatCursor(cursor)}","at":${at},"windowMinutes":${selection.minutes}`
      return `{${[head, ...state].join(',')}}`
    },
    since(selection, cursor) {
      const selected = slots.of(selection)
      watch(selected)
      if (cursor.epoch !== epoch) return { reset: 'epoch' }
      if (cursor.seq > seq) return { reset: 'future' }
      const names = selected.map(({ name }) => name)
      if (names.some(name => ring.evictedSeqOf(name) > cursor.seq)) return { reset: 'expired' }
      const frames: EncodedFrame[] = []
      let previous = cursor.seq
      for (const frame of ring.after(cursor.seq)) {
        if (!names.some(name => frame.patches.has(name))) continue
        frames.push(encode(selection, previous, frame, cursorAt(frame.seq)))
        previous = frame.seq
      }
      return { frames, to: cursorAt(previous) }
    },
    subscribe(selection, listener) {
      watch(slots.of(selection))
      const room = rooms.get(selectionKey(selection)) ?? openRoom(selection)
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
    },
  }
}

/** Merges consecutive frames of one selection into one. */
export function mergeEncoded(frames: readonly EncodedFrame[]): EncodedFrame | undefined {
  const [first, ...later] = frames
  if (!first || later.length === 0) return first
  const { p, s, at, patch } = later.reduce<Frame>(mergeFrames, first)
  const cursor = { epoch: first.cursor.epoch, seq: s }
  return { p, s, at, patch, json: JSON.stringify({ p, s, at, patch }), cursor }
}

function encode(selection: Selection, p: number, frame: RingFrame, cursor: Cursor): EncodedFrame {
  const { seq: s, at } = frame
  const patch: Record<string, unknown> = {}
  const parts: string[] = []
  for (const channel of selection.channels) {
    const change = frame.patches.get(slotName(channel, selection.minutes))
    if (!change) continue
    patch[channel] = change.patch
    parts.push(`"${channel}":${change.json}`)
  }
  const json = `{"p":${p},"s":${s},"at":${at},"patch":{${parts.join(',')}}}`
  // `diffChannel` created each patch for its channel, so their types match.
  return { p, s, at, patch, json, cursor }
}
