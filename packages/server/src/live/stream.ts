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
import { type Slot, createSlots, isRead, lastOf, slotName } from './slots.ts'
import type { LiveSource } from './source.ts'

/** Time between frames while there is something to say. The first one after a silence leaves at once. */
const frameIntervalMs = 250

/** How long frames are made of what somebody looked at. A reader who polls looks more often than that. */
const watchedMs = 60_000

/** A frame of one selection, as JSON that every transport sends as it is. */
export interface EncodedFrame extends Frame {
  readonly json: string
  /** Where it takes a reader. */
  readonly cursor: Cursor
}

export type Replay =
  | { readonly frames: readonly EncodedFrame[]; readonly to: Cursor }
  | { readonly reset: ResetReason }

/**
 * One site's numbered frames: the only way from state to readers. They are made of what somebody reads; all
 * that changed in the rest is in one frame when somebody reads that.
 */
export interface Stream {
  /** The last frame there is. */
  readonly head: Cursor
  /** The last frame that changed the selection. */
  cursorOf(selection: Selection): Cursor
  /** The whole state of the selection at its cursor, as the JSON of a `Snapshot`. */
  snapshotOf(selection: Selection): string
  /** The frames of the selection after a cursor: all of them, or the reason why that cannot be. */
  since(selection: Selection, cursor: Cursor): Replay
  /**
   * Calls back with every later frame of the selection until the returned function is called. Who is called back
   * may look at that selection, and at no other.
   */
  subscribe(selection: Selection, listener: (frame: EncodedFrame) => void): () => void
  /** Counts a reader who may yet take a selection, until the returned function is called. */
  retain(): () => void
  /** Whether anyone is subscribed, or holds it. */
  readonly hasReaders: boolean
  /** Says that the source may have changed. */
  touch(): void
  /** Makes no more frames. */
  close(): void
}

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
  const holders = new Set<symbol>()
  let seq = 0
  let publishedAt = -Infinity
  /** When a touch was last looked into at once: what it changed may be nothing that is read. */
  let touchedAt = -Infinity
  let nextTick: { at: number; cancel: () => void } | undefined
  let isClosed = false
  source.advance(clock.now())
  const slots = createSlots(source, clock.now())

  const cursorAt = (at: number): Cursor => ({ epoch, seq: at })

  function tick(): void {
    nextTick?.cancel()
    nextTick = undefined
    const now = clock.now()
    source.advance(now)
    publish(now)
    if (isWatched() && !source.isAtRest()) schedule(nextSecond())
  }

  function isWatched(): boolean {
    const now = clock.now()
    for (const slot of slots) if (isRead(slot, now)) return true
    return false
  }

  /** Somebody reads these: what of them nobody saw until now becomes a frame. */
  function look(taken: readonly Slot[]): void {
    if (isClosed) return
    const now = clock.now()
    const isBehind = taken.some(slot => !isRead(slot, now))
    for (const slot of taken) slot.watchedUntil = now + watchedMs
    if (isBehind) tick()
  }

  /** What moves with time alone moves on whole seconds, so that readers hear of it together. */
  function nextSecond(): number {
    return Math.floor(clock.now() / 1000) * 1000 + 1000
  }

  function schedule(at: number): void {
    if (nextTick && nextTick.at <= at) return
    nextTick?.cancel()
    nextTick = { at, cancel: clock.after(Math.max(0, at - clock.now()), tick) }
  }

  /** Makes the next frame of all that has changed since the last one, if anything has. */
  function publish(now: number): void {
    const changed: Slot[] = []
    const patches = new Map<string, SlotPatch>()
    for (const slot of slots) {
      if (!isRead(slot, now)) continue
      const next = source.read(slot.channel, slot.minutes)
      const patch = diffChannel(slot.channel, slot.value, next)
      slot.value = next
      if (patch === undefined) continue
      slot.json = undefined
      changed.push(slot)
      patches.set(slot.name, { patch, json: JSON.stringify(patch) })
    }
    if (changed.length === 0) return
    const before = new Map([...rooms.values()].map(room => [room, lastOf(room.slots)]))
    seq++
    publishedAt = now
    for (const slot of changed) Object.assign(slot, { seq, at: now })
    const frame: RingFrame = { seq, at: now, patches }
    ring.push(frame)
    for (const [room, previous] of before) deliver(room, previous, frame)
  }

  function deliver(room: Room, previous: number, frame: RingFrame): void {
    if (lastOf(room.slots) !== frame.seq) return
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
      return rooms.size > 0 || holders.size > 0
    },
    retain() {
      const holder = Symbol('holder')
      holders.add(holder)
      return () => void holders.delete(holder)
    },
    cursorOf(selection) {
      const taken = slots.of(selection)
      look(taken)
      return cursorAt(lastOf(taken))
    },
    snapshotOf(selection) {
      const taken = slots.of(selection)
      look(taken)
      const cursor = cursorAt(lastOf(taken))
      const at = Math.max(...taken.map(slot => slot.at))
      const state = taken.map(slot => {
        slot.json ??= JSON.stringify(slot.value)
        return `"${slot.channel}":${slot.json}`
      })
      const head = `"cursor":"${formatCursor(cursor)}","at":${at},"windowMinutes":${selection.minutes}`
      return `{${[head, ...state].join(',')}}`
    },
    since(selection, cursor) {
      const taken = slots.of(selection)
      look(taken)
      if (cursor.epoch !== epoch) return { reset: 'epoch' }
      if (cursor.seq > seq) return { reset: 'future' }
      const names = taken.map(({ name }) => name)
      if (names.some(name => ring.lostOf(name) > cursor.seq)) return { reset: 'expired' }
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
      look(slots.of(selection))
      const room = rooms.get(selectionKey(selection)) ?? openRoom(selection)
      room.listeners.add(listener)
      return () => {
        // Ended twice, it must not close a room that is closed.
        if (room.listeners.delete(listener) && room.listeners.size === 0) closeRoom(room)
      }
    },
    touch() {
      // What was on its way to the log when the server closed is folded after it.
      if (isClosed || !isWatched()) return
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

/** Several consecutive frames of one selection as one. */
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
  // The patches were made by `diffChannel` for just these channels.
  return { p, s, at, patch, json, cursor }
}
