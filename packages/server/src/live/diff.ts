import {
  type ChannelName,
  type RowsPatch,
  type RowsSpec,
  applyRows,
  channels,
} from '@tidemark/protocol'

/** The patch that makes `next` of `before`, or `undefined` when they are the same. */
export function diffChannel(channel: ChannelName, before: unknown, next: unknown): unknown {
  if (before === next) return undefined
  const spec = channels[channel] as RowsSpec<unknown> | { kind: 'value' }
  if (spec.kind === 'value') return next
  return diffRows(spec, toRows(before), toRows(next))
}

export function diffRows<Row>(
  spec: RowsSpec<Row>,
  before: readonly Row[],
  next: readonly Row[],
): RowsPatch<Row> | undefined {
  const old = new Map(before.map(row => [spec.keyOf(row), row]))
  const set: Row[] = []
  for (const row of next) {
    const key = spec.keyOf(row)
    const known = old.get(key)
    if (known === undefined || !isSameRow(known, row)) set.push(row)
    old.delete(key)
  }
  const patch: RowsPatch<Row> = set.length > 0 ? { set } : {}
  // What falls off the end of a bounded list needs no saying, unless the rest cannot be had without.
  const saysItself = old.size > 0 && hasSameKeys(spec, applyRows(spec, before, patch), next)
  if (old.size > 0 && !saysItself) patch.del = [...old.keys()]
  return patch.set || patch.del || saysItself ? patch : undefined
}

function hasSameKeys<Row>(spec: RowsSpec<Row>, a: readonly Row[], b: readonly Row[]): boolean {
  return a.length === b.length && a.every((row, at) => spec.keyOf(row) === keyAt(spec, b, at))
}

function keyAt<Row>(spec: RowsSpec<Row>, rows: readonly Row[], at: number): string | undefined {
  const row = rows[at]
  return row === undefined ? undefined : spec.keyOf(row)
}

/** Rows are plain JSON made by one piece of code, so equal rows have their keys in the same order. */
function isSameRow(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}

function toRows(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
