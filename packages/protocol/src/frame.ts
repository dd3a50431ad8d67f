import {
  type ChannelName,
  type Channels,
  type RowsSpec,
  type State,
  channelNames,
  channels,
} from './channels.ts'

/** A change of a list: rows to insert or replace by key, and keys to remove. Removals are applied first. */
export interface RowsPatch<Row> {
  set?: Row[]
  del?: string[]
}

export type ChannelPatch<Name extends ChannelName> = Channels[Name] extends (infer Row)[]
  ? RowsPatch<Row>
  : Channels[Name]

/** Changes by channel. Values are absolute, so applying a patch twice has the same result as applying it once. */
export type Patch = { [Name in ChannelName]?: ChannelPatch<Name> }

/** All changes of a selection after frame `p`, up to and including frame `s`. */
export interface Frame {
  /** Number of the previous frame of the selection. */
  p: number
  /** Number of this frame. */
  s: number
  /** Time of the frame, in milliseconds since 1970 by the server's clock. */
  at: number
  patch: Patch
}

/** Applies a patch to rows. The result has the channel's order and bound. */
export function applyRows<Row>(
  spec: RowsSpec<Row>,
  rows: readonly Row[],
  patch: RowsPatch<Row>,
): Row[] {
  const byKey = new Map(rows.map(row => [spec.keyOf(row), row]))
  for (const key of patch.del ?? []) byKey.delete(key)
  for (const row of patch.set ?? []) byKey.set(spec.keyOf(row), row)
  return [...byKey.values()].toSorted(spec.compare).slice(0, spec.maxRows)
}

/** Applies a patch to a state. Channels that are not in the patch keep their identity. */
export function applyPatch(state: State, patch: Patch): State {
  const next: State = { ...state }
  for (const name of channelNames) applyChannel(name, next, patch)
  return next
}

function applyChannel<Name extends ChannelName>(name: Name, state: State, patch: Patch): void {
  const change = patch[name]
  if (change === undefined) return
  const spec: unknown = channels[name]
  if (isRowsSpec(spec)) {
    const rows = (state[name] ?? []) as unknown[]
    state[name] = applyRows(spec, rows, change as RowsPatch<unknown>) as Channels[Name]
  } else {
    state[name] = change as Channels[Name]
  }
}

/** Merges two consecutive frames of one selection, for a reader that is too slow for each. */
export function mergeFrames(first: Frame, second: Frame): Frame {
  const patch: Patch = { ...first.patch }
  for (const name of channelNames) mergeChannel(name, patch, second.patch)
  return { p: first.p, s: second.s, at: second.at, patch }
}

function mergeChannel<Name extends ChannelName>(name: Name, into: Patch, later: Patch): void {
  const before = into[name]
  const after = later[name]
  if (after === undefined) return
  const spec: unknown = channels[name]
  const merged: unknown =
    before !== undefined && isRowsSpec(spec)
      ? mergeRows(spec, before as RowsPatch<unknown>, after as RowsPatch<unknown>)
      : after
  into[name] = merged as Patch[Name]
}

function mergeRows<Row>(
  spec: RowsSpec<Row>,
  before: RowsPatch<Row>,
  after: RowsPatch<Row>,
): RowsPatch<Row> {
  const removed = new Set(after.del)
  const set = applyRows(spec, before.set ?? [], after)
  const del = new Set([...(before.del ?? []), ...removed])
  return { ...(set.length > 0 && { set }), ...(del.size > 0 && { del: [...del] }) }
}

function isRowsSpec(spec: unknown): spec is RowsSpec<unknown> {
  return (spec as { kind: string }).kind === 'rows'
}
