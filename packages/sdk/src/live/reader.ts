import {
  type EventProperty,
  type Frame,
  type StateAtCursor,
  type Selection,
  type Snapshot,
  type State,
  compareCursors,
  defaultMinutes,
  formatProperty,
  applyFrame,
  applySnapshot,
} from '@tidemark/protocol'
import { hasAll } from './snapshot.ts'

/** Holds the state and cursor of a selection. All transports apply their data here. */
export interface Reader {
  /** Last known state and its cursor; `undefined` until the first snapshot. */
  readonly position: StateAtCursor | undefined
  /** Whether the state has every selected channel and row, so that frames can be applied. */
  readonly isComplete: boolean
  /** Changes the selection. Channels and rows that stay selected keep their values. */
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
  /** Selection that the cursor belongs to; includes `selection` after channels or rows were removed. */
  let cursorSelection: Selection = selection
  let isComplete = false

  function isNewer(fresh: StateAtCursor): boolean {
    if (!position || fresh.cursor.epoch > position.cursor.epoch) return true
    const order = compareCursors(fresh.cursor, position.cursor)
    if (isComplete) return order > 0
    // With more channels or rows the cursor can only be later, so an earlier cursor means an outdated copy. Cursors of
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

function includesAll(all: Selection, { channels, paths, properties }: Selection): boolean {
  return (
    channels.every(name => all.channels.includes(name)) &&
    paths.every(path => all.paths.includes(path)) &&
    properties.every(isPropertyOf(all))
  )
}

/** Returns the function that finds properties and their rows in a selection. */
function isPropertyOf({ properties }: Selection): (property: EventProperty) => boolean {
  const texts = new Set(properties.map(formatProperty))
  return property => texts.has(formatProperty(property))
}

function pick(state: State, selection: Selection): State {
  const { channels, paths } = selection
  const selected = new Set<string>(channels)
  const picked: State = Object.fromEntries(
    Object.entries(state).filter(([channel]) => selected.has(channel)),
  )
  const { pageVisitors, properties } = picked
  if (pageVisitors) {
    picked.pageVisitors = selectRows(pageVisitors, ({ path }) => paths.includes(path))
  }
  if (properties) picked.properties = selectRows(properties, isPropertyOf(selection))
  return picked
}

/** Returns the selected rows. Rows keep their identity if all are selected. */
function selectRows<Row>(rows: Row[], isSelected: (row: Row) => boolean): Row[] {
  return rows.every(isSelected) ? rows : rows.filter(isSelected)
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
