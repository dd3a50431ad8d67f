import { type ChannelName, type RowsPatch, type RowsSpec, channels } from '@tidemark/protocol'

/** Returns the patch from `before` to `next`; `undefined` when they are equal. */
export function diffChannel(channel: ChannelName, before: unknown, next: unknown): unknown {
  if (before === next) return undefined
  const spec = channels[channel] as RowsSpec<unknown> | { kind: 'value' }
  if (spec.kind === 'value') return next
  return diffRows(spec, toRows(before), toRows(next))
}

/** Diffs two lists in the channel's order, of which `next` is within its bound. */
function diffRows<Row>(
  spec: RowsSpec<Row>,
  before: readonly Row[],
  next: readonly Row[],
): RowsPatch<Row> | undefined {
  const unmatched = new Map(before.map(row => [spec.keyOf(row), row]))
  const set: Row[] = []
  for (const row of next) {
    const key = spec.keyOf(row)
    const known = unmatched.get(key)
    if (known === undefined || !isSameRow(known, row)) set.push(row)
    unmatched.delete(key)
  }
  const del = isRemovalImplied(spec, next, unmatched.values()) ? [] : [...unmatched.keys()]
  if (set.length === 0 && del.length === 0) return undefined
  return { ...(set.length > 0 && { set }), ...(del.length > 0 && { del }) }
}

/** Returns whether the bound of the list already removes these rows from a reader that adds the new ones. */
function isRemovalImplied<Row>(
  spec: RowsSpec<Row>,
  next: readonly Row[],
  removed: Iterable<Row>,
): boolean {
  const last = next.length === spec.maxRows ? next.at(-1) : undefined
  if (last === undefined) return false
  for (const row of removed) if (spec.compare(last, row) >= 0) return false
  return true
}

/** Compares rows as JSON. One function creates all rows of a channel, so their keys have the same order. */
function isSameRow(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}

function toRows(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
