import {
  type EventProperty,
  type PropertyValues,
  defaultMinutes,
  formatProperty,
} from '@tidemark/protocol'
import type { FrameNumbers } from './frame-numbers.ts'
import type { SlotPatch } from './ring.ts'
import { type Slot, watchedMs } from './slot.ts'
import type { LiveSource } from './source.ts'

/** Shortest time between two frames with the same property, as whole seconds of the clock. */
const frameIntervalMs = 1000

/**
 * The slots of the properties that somebody reads. A slot exists while it has a room, and for `watchedMs` after its last
 * reader. After that, a cursor from before cannot be replayed.
 */
export interface PropertySlots {
  /** Returns whether all properties have a slot, so that `open` creates none. */
  has(properties: readonly EventProperty[]): boolean
  /**
   * Prepares properties for `open`: their events of today are read from history. Resolves with whether there is room for
   * them. Prepared properties keep their slots for `watchedMs`.
   */
  prepare(properties: readonly EventProperty[]): boolean | Promise<boolean>
  /** Returns the slots of properties, and creates those that do not exist with the current rows. */
  open(properties: readonly EventProperty[]): Slot[]
  /** Keeps a slot as long as it has a room. */
  retain(slot: Slot): void
  /** Keeps a slot that has lost its last room for `watchedMs`. */
  release(slot: Slot): void
  /** Publishes the changes since the last call: updates the slots and returns their patches. */
  takeChanges(now: number): [Slot, SlotPatch][]
  /** Drops the slots that nobody has read for `watchedMs`. Returns whether others are left. */
  sweep(now: number): boolean
  /** Returns when a slot changes without an event, or ends, in milliseconds since 1970. */
  nextChangeAt(now: number): number | undefined
  /** Drops all slots. */
  close(): void
}

/** A slot and the rows that it has published. */
interface PropertySlot {
  readonly slot: Slot
  readonly property: EventProperty
  /** Version of the published rows. */
  version: number
}

export function createPropertySlots(
  { advance, properties: source }: Pick<LiveSource, 'advance' | 'properties'>,
  numbers: Pick<FrameNumbers, 'last' | 'next'>,
  clock: { now(): number },
): PropertySlots {
  const byText = new Map<string, PropertySlot>()
  /** Slots without a room, in the order of their last readers. */
  const unread = new Set<Slot>()
  /** Whether rows have changed that wait for the next second. */
  let isPending = false
  /** Last number when a slot was last dropped. Cursors with the number of that slot are not later. */
  let droppedSeq = -1

  function create(property: EventProperty): Slot {
    // The property may have had a slot with other rows at the same cursor.
    if (numbers.last === droppedSeq) numbers.next()
    const now = clock.now()
    // The last day may have ended without an event.
    advance(now)
    source.retain([property])
    source.loadNow(property)
    const value = valuesOf(property)
    const slot: Slot = {
      channel: 'properties',
      minutes: defaultMinutes,
      rowKey: formatProperty(property),
      value,
      json: JSON.stringify(value),
      seq: numbers.last,
      at: now,
      evictedSeq: numbers.last,
      rooms: new Set(),
      watchedUntil: now,
    }
    const version = source.versionOf(property)
    byText.set(formatProperty(property), { slot, property, version })
    return slot
  }

  function valuesOf({ event, property }: EventProperty): PropertyValues {
    return { event, property, rows: source.rowsOf({ event, property }) }
  }

  function change(changed: PropertySlot, version: number): SlotPatch | undefined {
    changed.version = version
    const value = valuesOf(changed.property)
    const json = JSON.stringify(value)
    // A change of hidden rows, or of the rest of empty rows, is none.
    if (json === changed.slot.json) return undefined
    changed.slot.value = value
    changed.slot.json = json
    return { patch: value, json }
  }

  function open(properties: readonly EventProperty[]): Slot[] {
    return properties.map(property => {
      const slot = byText.get(formatProperty(property))?.slot ?? create(property)
      if (slot.rooms.size === 0) release(slot)
      return slot
    })
  }

  function release(slot: Slot): void {
    slot.watchedUntil = clock.now() + watchedMs
    // Deleting it first moves it to the end of the set.
    unread.delete(slot)
    unread.add(slot)
  }

  function drop(slot: Slot): void {
    unread.delete(slot)
    const dropped = byText.get(slot.rowKey ?? '')
    if (!dropped) return
    byText.delete(slot.rowKey ?? '')
    source.release(dropped.property)
    droppedSeq = numbers.last
  }

  function sweep(now: number): boolean {
    for (const slot of unread) {
      if (now < slot.watchedUntil) break
      drop(slot)
    }
    return byText.size > 0
  }

  return {
    has: properties => properties.every(each => byText.has(formatProperty(each))),
    prepare(properties) {
      sweep(clock.now())
      const missing = properties.filter(each => !byText.has(formatProperty(each)))
      if (!source.hasRoomFor(missing)) return false
      source.retain(missing)
      const loading = source.load(missing)
      const releaseAll = (): void => missing.forEach(source.release)
      if (!loading) {
        open(properties)
        releaseAll()
        return true
      }
      return loading
        .then(() => void open(properties))
        .then(() => true)
        .finally(releaseAll)
    },
    open,
    retain: slot => void unread.delete(slot),
    release,
    takeChanges(now) {
      isPending = false
      const changes: [Slot, SlotPatch][] = []
      for (const each of byText.values()) {
        const version = source.versionOf(each.property)
        if (version === each.version) continue
        if (secondOf(now) === secondOf(each.slot.at)) {
          isPending = true
          continue
        }
        const patch = change(each, version)
        if (patch) changes.push([each.slot, patch])
      }
      return changes
    },
    sweep,
    nextChangeAt(now) {
      if (isPending) return (secondOf(now) + 1) * frameIntervalMs
      const [first] = unread
      if (byText.size === 0) return undefined
      // Never now, so that a stream cannot tick forever at one time.
      return Math.max(now + 1, Math.min(source.endsAt(), first?.watchedUntil ?? Infinity))
    },
    close() {
      for (const { slot } of [...byText.values()]) drop(slot)
    },
  }
}

function secondOf(now: number): number {
  return Math.floor(now / frameIntervalMs)
}
