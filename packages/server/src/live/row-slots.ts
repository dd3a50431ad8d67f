import type { Selection } from '@tidemark/protocol'
import type { FrameNumbers } from './frame-numbers.ts'
import { createPageSlots } from './page-slots.ts'
import { createPropertySlots } from './property-slots.ts'
import type { SlotPatch } from './ring.ts'
import type { Slot } from './slot.ts'
import type { LiveSource } from './source.ts'

/** The slots of `pageVisitors` and `properties`: one for each page and each property with a reader. */
export interface RowSlots {
  /** Returns whether changes of a selection may be in no frame yet, so that they are published before `open`. */
  isBehind(selection: Selection): boolean
  /** Prepares the properties of a selection for `open`. Resolves with whether there is room for them. */
  prepare(selection: Selection): boolean | Promise<boolean>
  /** Returns the slots of a selection at their published values, and creates those that do not exist. */
  open(selection: Selection, now: number): Slot[]
  /** Keeps a slot as long as it has a room. */
  retain(slot: Slot): void
  /** Keeps a slot that has lost its last room for `watchedMs`. */
  release(slot: Slot, now: number): void
  /** Publishes the changes since the last call: updates the slots and returns their patches. */
  takeChanges(now: number): [Slot, SlotPatch][]
  /** Drops the slots that nobody has read for `watchedMs`. Returns whether others are left. */
  sweep(now: number): boolean
  /** Returns when a slot changes or ends without an event, in milliseconds since 1970. */
  nextChangeAt(now: number): number | undefined
  close(): void
}

export function createRowSlots(
  source: LiveSource,
  numbers: FrameNumbers,
  clock: { now(): number },
  maxUnreadPages?: number,
): RowSlots {
  const pages = createPageSlots(source, numbers, maxUnreadPages)
  const properties = createPropertySlots(source, numbers, clock)

  return {
    isBehind: selection =>
      (selection.paths.length > 0 && !pages.isTracking) || !properties.has(selection.properties),
    prepare: selection => properties.prepare(selection.properties),
    open: (selection, now) => [
      ...pages.open(selection.paths, now),
      ...properties.open(selection.properties),
    ],
    retain(slot) {
      if (slot.channel === 'pageVisitors') pages.retain(slot)
      else if (slot.channel === 'properties') properties.retain(slot)
    },
    release(slot, now) {
      if (slot.channel === 'pageVisitors') pages.release(slot, now)
      else if (slot.channel === 'properties') properties.release(slot)
    },
    takeChanges: now => [...pages.takeChanges(), ...properties.takeChanges(now)],
    sweep(now) {
      // Both are always called, as they also drop slots.
      const hasPages = pages.sweep(now)
      return properties.sweep(now) || hasPages
    },
    nextChangeAt: properties.nextChangeAt,
    close() {
      pages.close()
      properties.close()
    },
  }
}
