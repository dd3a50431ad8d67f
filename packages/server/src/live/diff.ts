import { type ChannelName, type RowsPatch, type RowsSpec, channels } from '@tidemark/protocol'

/** The patch that makes `next` of `before`, or `undefined` when they are the same. */
export function diffChannel(channel: ChannelName, before: unknown, next: unknown): unknown {
  if (before === next) return undefined
  const spec = channels[channel] as RowsSpec<unknown> | { kind: 'value' }
  if (spec.kind === 'value') return next
  return diffRows(spec, toRows(before), toRows(next))
}

/** Both lists are in the channel's order, and `next` is within its bound. */
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
  const del = fallsOff(spec, next, unmatched.values()) ? [] : [...unmatched.keys()]
  if (set.length === 0 && del.length === 0) return undefined
  return { ...(set.length > 0 && { set }), ...(del.length > 0 && { del }) }
}

/** Whether a reader who puts in what is new loses these by the list's bound alone. */
function fallsOff<Row>(spec: RowsSpec<Row>, next: readonly Row[], gone: Iterable<Row>): boolean {
  const last = next.length === spec.maxRows ? next.at(-1) : undefined
  if (last === undefined) return false
  for (const row of gone) if (spec.compare(last, row) >= 0) return false
  return true
}

/** Rows are plain JSON made by one piece of code, so equal rows have their keys in the same order. */
function isSameRow(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}

function toRows(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
