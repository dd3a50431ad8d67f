import {
  type ChannelName,
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

/** What a client holds, whatever road it came by: a mark, and the selection it is meant to be for. */
export interface Reader {
  /** The last known state and its cursor; `undefined` until the first snapshot. */
  readonly position: StateAtCursor | undefined
  /** Whether the mark holds every channel of the selection, so that frames can be added to it. */
  readonly isComplete: boolean
  /** Changes what is to be held. What is there already and still wanted stays. */
  select(selection: Selection): void
  /**
   * Takes what is news. A channel that it does not change keeps its identity. Whether what is held is as
   * new as this: an older one, as a cache may send, confirms nothing.
   * @throws {TypeError} when the snapshot has no cursor
   */
  applySnapshot(snapshot: Snapshot): boolean
  /**
   * `'gap'` when frames are missing before this one; the mark is then as it was.
   * @throws {TypeError} when it is not a frame
   */
  takeFrame(frame: Frame): 'taken' | 'gap'
}

export function createReader(): Reader {
  let mark: StateAtCursor | undefined
  let selection: Selection = { channels: [], minutes: defaultMinutes }
  /** The channels whose last change is the mark's cursor; more than are selected after some were dropped. */
  let counted: Selection = selection
  let isComplete = false

  function isNews(fresh: StateAtCursor): boolean {
    if (!mark || fresh.cursor.epoch > mark.cursor.epoch) return true
    const order = compareCursors(fresh.cursor, mark.cursor)
    if (isComplete) return order > 0
    // With channels added, a selection changes at least as often: what is behind is an old copy. The
    // cursors of other selections do not compare, and only this one is wanted now.
    return holdsAll(selection, counted.channels)
      ? order >= 0
      : fresh.cursor.epoch === mark.cursor.epoch
  }

  return {
    get position() {
      return mark
    },
    get isComplete() {
      return isComplete
    },
    select(wanted) {
      selection = wanted
      if (!mark) return
      const { state } = mark
      isComplete = wanted.channels.every(channel => channel in state)
      mark = { ...mark, state: pick(state, wanted) }
    },
    applySnapshot(snapshot) {
      const fresh = applySnapshot(undefined, snapshot)
      if (!isNews(fresh)) return !!mark && compareCursors(fresh.cursor, mark.cursor) === 0
      mark = { ...fresh, state: keepSame(mark?.state ?? {}, pick(fresh.state, selection)) }
      counted = selection
      isComplete = true
      return true
    },
    takeFrame(frame) {
      if (!Number.isSafeInteger(frame.p) || !Number.isSafeInteger(frame.s)) {
        throw new TypeError('Not a frame: it has no numbers')
      }
      if (!mark || !isComplete) return 'gap'
      const next = applyFrame(mark, frame)
      if (next === 'gap') return 'gap'
      if (next !== mark) counted = selection
      mark = next
      return 'taken'
    },
  }
}

function holdsAll({ channels }: Selection, names: readonly ChannelName[]): boolean {
  return names.every(name => channels.includes(name))
}

function pick(state: State, { channels }: Selection): State {
  const wanted = new Set<string>(channels)
  return Object.fromEntries(Object.entries(state).filter(([channel]) => wanted.has(channel)))
}

/** The fresh state, in which a channel that is as it was before is the very same object. */
function keepSame(before: State, fresh: State): State {
  const held = new Map<string, unknown>(Object.entries(before))
  // Both are JSON of one server, so equal values have their keys in the same order.
  const isSame = (name: string, value: unknown): boolean =>
    JSON.stringify(held.get(name)) === JSON.stringify(value)
  return Object.fromEntries(
    Object.entries(fresh).map(([name, value]) => [
      name,
      isSame(name, value) ? held.get(name) : value,
    ]),
  )
}
