import { type PageVisitors, defaultMinutes } from '@tidemark/protocol'
import type { FrameNumbers } from './frame-numbers.ts'
import type { SlotPatch } from './ring.ts'
import { type Slot, watchedMs } from './slot.ts'
import type { PageSource } from './source.ts'

/** Most pages without a subscriber that have a slot. A poll of another page ends the slot that was read first. */
export const maxUnreadPages = 10_000

/**
 * The slots of the pages that somebody reads. A slot exists while it has a room, and for `watchedMs` after its last
 * reader. After that, a cursor from before cannot be replayed.
 */
export interface PageSlots {
  /**
   * Whether the published numbers of all pages are known, so that `open` needs no publishing before it. True while
   * there are slots.
   */
  readonly isTracking: boolean
  /** Returns the slots of pages at their published numbers, and creates those that do not exist. */
  open(paths: readonly string[], now: number): Slot[]
  /** Keeps a slot as long as it has a room. */
  retain(slot: Slot): void
  /** Keeps a slot that has lost its last room for `watchedMs`. */
  release(slot: Slot, now: number): void
  /** Publishes the changes since the last call: updates the slots and returns their patches. */
  takeChanges(): [Slot, SlotPatch][]
  /** Drops the slots that nobody has read for `watchedMs`. Returns whether others are left. */
  sweep(now: number): boolean
  /** Stops watching the source. */
  close(): void
}

export function createPageSlots(
  source: PageSource,
  numbers: Pick<FrameNumbers, 'last' | 'next'>,
  maxUnread: number = maxUnreadPages,
): PageSlots {
  const byPath = new Map<string, Slot>()
  /** Slots by the path by which their page counts. Several paths may be one page. */
  const byCountedPath = new Map<string, Set<Slot>>()
  const countedPaths = new Map<Slot, string>()
  /** Slots without a room, in the order of their last readers. */
  const unread = new Set<Slot>()
  /**
   * Published numbers of the pages that have changed since the last frame, with and without a slot. A new slot
   * therefore starts at the published number, and a thousand new readers cause no frame.
   */
  const published = new Map<string, number>()
  let isTracking = false
  /** Last number when a slot was last dropped. Cursors with the number of that slot are not later. */
  let droppedSeq = -1

  source.observePages((path, visitors) => {
    if (isTracking && !published.has(path)) published.set(path, visitors)
  })

  function create(path: string, now: number): Slot {
    // The page may have had a slot with another number at the same cursor.
    if (numbers.last === droppedSeq) numbers.next()
    const counted = source.countedPathOf(path)
    const visitors = published.get(counted) ?? source.visitorsOf(counted)
    const slot: Slot = {
      channel: 'pageVisitors',
      minutes: defaultMinutes,
      rowKey: path,
      value: visitors,
      json: toJson(path, visitors),
      seq: numbers.last,
      at: now,
      evictedSeq: numbers.last,
      rooms: new Set(),
      watchedUntil: now,
    }
    byPath.set(path, slot)
    countedPaths.set(slot, counted)
    const same = byCountedPath.get(counted) ?? new Set()
    byCountedPath.set(counted, same.add(slot))
    return slot
  }

  function change(slot: Slot, visitors: number): SlotPatch {
    slot.value = visitors
    const row: PageVisitors = { path: slot.rowKey ?? '', visitors }
    const json = JSON.stringify(row)
    slot.json = json
    return { patch: row, json }
  }

  function release(slot: Slot, now: number): void {
    slot.watchedUntil = now + watchedMs
    // Deleting it first moves it to the end of the set.
    unread.delete(slot)
    unread.add(slot)
    const [first] = unread
    if (first && unread.size > maxUnread) drop(first)
  }

  function drop(slot: Slot): void {
    unread.delete(slot)
    if (slot.rowKey !== undefined) byPath.delete(slot.rowKey)
    const counted = countedPaths.get(slot) ?? ''
    countedPaths.delete(slot)
    const same = byCountedPath.get(counted)
    same?.delete(slot)
    if (same?.size === 0) byCountedPath.delete(counted)
    droppedSeq = numbers.last
  }

  return {
    get isTracking() {
      return isTracking
    },
    open: (paths, now) =>
      paths.map(path => {
        isTracking = true
        const slot = byPath.get(path) ?? create(path, now)
        if (slot.rooms.size === 0) release(slot, now)
        return slot
      }),
    retain: slot => void unread.delete(slot),
    release,
    takeChanges() {
      const changes: [Slot, SlotPatch][] = []
      for (const counted of published.keys()) {
        const visitors = source.visitorsOf(counted)
        for (const slot of byCountedPath.get(counted) ?? []) {
          if (slot.value !== visitors) changes.push([slot, change(slot, visitors)])
        }
      }
      published.clear()
      return changes
    },
    sweep(now) {
      for (const slot of unread) {
        if (now < slot.watchedUntil) break
        drop(slot)
      }
      if (byPath.size > 0) return true
      isTracking = false
      published.clear()
      return false
    },
    close() {
      source.observePages(() => {})
      published.clear()
    },
  }
}

function toJson(path: string, visitors: number): string {
  const row: PageVisitors = { path, visitors }
  return JSON.stringify(row)
}
