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
  const rowsByChannel = new Map<string, SlotPatch[]>()
  for (const [{ channel, rowKey }, change] of changes) {
    if (rowKey === undefined) {
      patch[channel] = change.patch
      parts.push(`"${channel}":${change.json}`)
      continue
    }
    const rows = rowsByChannel.get(channel)
    if (rows) rows.push(change)
    else rowsByChannel.set(channel, [change])
  }
  for (const [channel, rows] of rowsByChannel) {
    patch[channel] = { set: rows.map(row => row.patch) }
    parts.push(`"${channel}":{"set":[${rows.map(row => row.json).join(',')}]}`)
  }
  const s = cursor.seq
  const json = `{"p":${p},"s":${s},"at":${at},"patch":{${parts.join(',')}}}`
  // Each slot creates the patches of its channel, so their types match.
  return { p, s, at, patch, json, cursor }
}
