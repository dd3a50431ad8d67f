import type { Cursor } from '@tidemark/protocol'
import type { EncodedFrame } from './encoded-frame.ts'
import type { SlotPatch } from './ring.ts'
import type { Slot } from './slot.ts'

/**
 * Encodes the changes of one selection.
 * @param p sequence number of the selection's previous frame
 */
export function encodeFrame(
  changes: readonly (readonly [Slot, SlotPatch])[],
  p: number,
  at: number,
  cursor: Cursor,
): EncodedFrame {
  const patch: Record<string, unknown> = {}
  const parts: string[] = []
  const rows: SlotPatch[] = []
  for (const [{ channel, path }, change] of changes) {
    if (path !== undefined) {
      rows.push(change)
      continue
    }
    patch[channel] = change.patch
    parts.push(`"${channel}":${change.json}`)
  }
  if (rows.length > 0) {
    patch['pageVisitors'] = { set: rows.map(row => row.patch) }
    parts.push(`"pageVisitors":{"set":[${rows.map(row => row.json).join(',')}]}`)
  }
  const s = cursor.seq
  const json = `{"p":${p},"s":${s},"at":${at},"patch":{${parts.join(',')}}}`
  // Each slot creates the patches of its channel, so their types match.
  return { p, s, at, patch, json, cursor }
}
