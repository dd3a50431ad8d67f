import {
  type Frame,
  type StateAtCursor,
  type Selection,
  type Snapshot,
  type State,
  compareCursors,
  defaultMinutes,
  applyFrame,
  applySnapshot,
} from '@tidemark/protocol'
import { hasAll } from './snapshot.ts'

/** Holds the state and cursor of a selection. All transports apply their data here. */
export interface Reader {
  /** Last known state and its cursor; `undefined` until the first snapshot. */
  readonly position: StateAtCursor | undefined
  /** Whether the state has every selected channel and path, so that frames can be applied. */
  readonly isComplete: boolean
  /** Changes the selection. Channels and paths that stay selected keep their values. */
  select(selection: Selection): void
  /**
   * Applies a newer snapshot. Unchanged channels keep their identity.
   * @returns whether the state is as new as the snapshot; an older one, for example from a cache, confirms nothing
   * @throws {TypeError} when the snapshot has no cursor
   */
  applySnapshot(snapshot: Snapshot): boolean
  /**
   * Applies a frame.
   * @returns `'gap'` when earlier frames are missing; the position is then unchanged
   * @throws {TypeError} when the message is not a frame
   */
  applyFrame(frame: Frame): 'applied' | 'gap'
}

export function createReader(): Reader {
  let position: StateAtCursor | undefined
  let selection: Selection = { channels: [], minutes: defaultMinutes, paths: [], properties: [] }
  /** Selection that the cursor belongs to; includes `selection` after channels or paths were removed. */
  let cursorSelection: Selection = selection
  let isComplete = false

  function isNewer(fresh: StateAtCursor): boolean {
    if (!position || fresh.cursor.epoch > position.cursor.epoch) return true
    const order = compareCursors(fresh.cursor, position.cursor)
    if (isComplete) return order > 0
    // With more channels or paths the cursor can only be later, so an earlier cursor means an outdated copy. Cursors of
    // selections that do not include each other cannot be compared within an epoch; the snapshot then applies.
    return includesAll(selection, cursorSelection)
      ? order >= 0
      : fresh.cursor.epoch === position.cursor.epoch
  }

  return {
    get position() {
      return position
    },
    get isComplete() {
      return isComplete
    },
    select(next) {
      selection = next
      if (!position) return
      const state = pick(position.state, next)
      isComplete = hasAll(next, state)
      position = { ...position, state }
    },
    applySnapshot(snapshot) {
      const fresh = applySnapshot(undefined, snapshot)
      if (!isNewer(fresh)) return !!position && compareCursors(fresh.cursor, position.cursor) === 0
      const state = reuseUnchanged(position?.state ?? {}, pick(fresh.state, selection))
      position = { ...fresh, state }
      cursorSelection = selection
      isComplete = true
      return true
    },
    applyFrame(frame) {
      if (!Number.isSafeInteger(frame.p) || !Number.isSafeInteger(frame.s)) {
        throw new TypeError('The frame has no sequence numbers `p` and `s`.')
      }
      if (!position || !isComplete) return 'gap'
      const next = applyFrame(position, frame)
      if (next === 'gap') return 'gap'
      if (next !== position) cursorSelection = selection
      position = next
      return 'applied'
    },
  }
}

function includesAll(all: Selection, { channels, paths }: Selection): boolean {
  return (
    channels.every(name => all.channels.includes(name)) &&
    paths.every(path => all.paths.includes(path))
  )
}

function pick(state: State, { channels, paths }: Selection): State {
  const selected = new Set<string>(channels)
  const picked: State = Object.fromEntries(
    Object.entries(state).filter(([channel]) => selected.has(channel)),
  )
  const rows = picked.pageVisitors
  const selectedRows = rows?.filter(({ path }) => paths.includes(path))
  // The same rows keep their identity.
  if (selectedRows && selectedRows.length !== rows?.length) picked.pageVisitors = selectedRows
  return picked
}

/** Returns the fresh state with the previous object for each channel whose value is unchanged. */
function reuseUnchanged(previous: State, fresh: State): State {
  const values = new Map<string, unknown>(Object.entries(previous))
  // One server serialized both, so equal values have their keys in the same order.
  const isSame = (name: string, value: unknown): boolean =>
    JSON.stringify(values.get(name)) === JSON.stringify(value)
  return Object.fromEntries(
    Object.entries(fresh).map(([name, value]) => [
      name,
      isSame(name, value) ? values.get(name) : value,
    ]),
  )
}
