import {
  type ChannelName,
  type Cursor,
  type Frame,
  type ResetReason,
  type Selection,
  type WindowMinutes,
  channels,
  defaultMinutes,
  formatCursor,
  mergeFrames,
  selectionKey,
  windowMinutes,
} from '@tidemark/protocol'
import type { Clock } from '../clock.ts'
import { diffChannel } from './diff.ts'
import { type RingBounds, type RingFrame, type SlotPatch, createRing } from './ring.ts'
import type { LiveSource } from './source.ts'

/** Time between frames while there is something to say. The first one after a silence leaves at once. */
const frameIntervalMs = 250

/** How long frames are made after somebody looked. A reader who polls looks more often than that. */
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
 * One site's numbered frames: the only way from state to readers. While nobody reads there are none, and
 * all that changed meanwhile is one frame when somebody does.
 */
export interface Stream {
  /** The site's last frame. */
  readonly head: Cursor
  /** The last frame that changed the selection. */
  cursorOf(selection: Selection): Cursor
  /** The whole state of the selection at its cursor, as the JSON of a `Snapshot`. */
  snapshotOf(selection: Selection): string
  /** The frames of the selection after a cursor: all of them, or the reason why that cannot be. */
  since(selection: Selection, cursor: Cursor): Replay
  /** Calls back with every later frame of the selection until the returned function is called. */
  subscribe(selection: Selection, listener: (frame: EncodedFrame) => void): () => void
  /** Counts a reader who may yet take a selection, until the returned function is called. */
  hold(): () => void
  /** Whether anyone is subscribed, or holds it. */
  readonly hasReaders: boolean
  /** Says that the source may have changed. */
  touch(): void
  /** Makes no more frames. */
  close(): void
}

/** A channel, or for a windowed channel one of its windows: what frames and the ring keep apart. */
interface Slot {
  readonly channel: ChannelName
  readonly minutes: WindowMinutes
  /** As published: what every reader at the head holds. */
  value: unknown
  /** JSON of `value`, made when it is first asked for. */
  json: string | undefined
  /** The last frame that changed it, and when. */
  seq: number
  at: number
}

interface Room {
  readonly selection: Selection
  readonly listeners: Set<(frame: EncodedFrame) => void>
}

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
  let nextTick: { at: number; cancel: () => void } | undefined
  let isClosed = false
  let watchedUntil = -Infinity
  source.advance(clock.now())
  const slots = createSlots(source, clock.now())

  const cursorAt = (at: number): Cursor => ({ epoch, seq: at })
  const slotsOf = (selection: Selection): Slot[] =>
    selection.channels.flatMap(channel => slots.get(slotName(channel, selection.minutes)) ?? [])

  function tick(): void {
    nextTick?.cancel()
    nextTick = undefined
    const now = clock.now()
    source.advance(now)
    publish(now)
    if (isWatched() && !source.isAtRest()) schedule(nextSecond())
  }

  function isWatched(): boolean {
    return rooms.size > 0 || clock.now() < watchedUntil
  }

  /** Somebody reads: what nobody saw until now becomes a frame. */
  function look(): void {
    if (isClosed) return
    const isBehind = !isWatched()
    watchedUntil = clock.now() + watchedMs
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
    const patches = new Map<string, SlotPatch>()
    for (const [name, slot] of slots) {
      const next = source.read(slot.channel, slot.minutes)
      const patch = diffChannel(slot.channel, slot.value, next)
      slot.value = next
      if (patch === undefined) continue
      slot.json = undefined
      patches.set(name, { patch, json: JSON.stringify(patch) })
    }
    if (patches.size === 0) return
    const before = new Map([...rooms.values()].map(room => [room, lastOf(room.selection)]))
    seq++
    publishedAt = now
    for (const name of patches.keys()) {
      const slot = slots.get(name)
      if (slot) Object.assign(slot, { seq, at: now })
    }
    const frame: RingFrame = { seq, at: now, patches }
    ring.push(frame)
    for (const [room, previous] of before) deliver(room, previous, frame)
  }

  function deliver(room: Room, previous: number, frame: RingFrame): void {
    if (lastOf(room.selection) !== frame.seq) return
    const encoded = encode(room.selection, previous, frame, cursorAt(frame.seq))
    for (const listener of [...room.listeners]) listener(encoded)
  }

  function lastOf(selection: Selection): number {
    return Math.max(0, ...slotsOf(selection).map(slot => slot.seq))
  }

  return {
    get head() {
      look()
      return cursorAt(seq)
    },
    get hasReaders() {
      return rooms.size > 0 || holders.size > 0
    },
    hold() {
      const holder = Symbol('holder')
      holders.add(holder)
      return () => void holders.delete(holder)
    },
    cursorOf(selection) {
      look()
      return cursorAt(lastOf(selection))
    },
    snapshotOf(selection) {
      look()
      const taken = slotsOf(selection)
      const cursor = cursorAt(lastOf(selection))
      const at = Math.max(...taken.map(slot => slot.at))
      const state = taken.map(slot => {
        slot.json ??= JSON.stringify(slot.value)
        return `"${slot.channel}":${slot.json}`
      })
      const head = `"cursor":"${formatCursor(cursor)}","at":${at},"windowMinutes":${selection.minutes}`
      return `{${[head, ...state].join(',')}}`
    },
    since(selection, cursor) {
      look()
      if (cursor.epoch !== epoch) return { reset: 'epoch' }
      if (cursor.seq > seq) return { reset: 'future' }
      const names = selection.channels.map(channel => slotName(channel, selection.minutes))
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
      look()
      const key = selectionKey(selection)
      const room = rooms.get(key) ?? { selection, listeners: new Set() }
      rooms.set(key, room)
      room.listeners.add(listener)
      return () => {
        room.listeners.delete(listener)
        // Ended twice, it must not close the room that others have opened since.
        if (room.listeners.size === 0 && rooms.get(key) === room) rooms.delete(key)
      }
    },
    touch() {
      // What was on its way to the log when the server closed is folded after it.
      if (isClosed || !isWatched()) return
      const due = publishedAt + frameIntervalMs
      if (due <= clock.now()) tick()
      else schedule(due)
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

function createSlots(source: LiveSource, at: number): Map<string, Slot> {
  const slots = new Map<string, Slot>()
  for (const channel of source.channels) {
    for (const minutes of channels[channel].windowed ? windowMinutes : [defaultMinutes]) {
      const value = source.read(channel, minutes)
      slots.set(slotName(channel, minutes), {
        channel,
        minutes,
        value,
        json: undefined,
        seq: 0,
        at,
      })
    }
  }
  return slots
}

function slotName(channel: ChannelName, minutes: WindowMinutes): string {
  return channels[channel].windowed ? `${channel}@${minutes}` : channel
}
