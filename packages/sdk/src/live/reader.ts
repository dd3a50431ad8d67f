import {
  type Frame,
  type Mark,
  type Selection,
  type Snapshot,
  type State,
  takeFrame,
  takeSnapshot,
} from '@tidemark/protocol'

/** What a client holds, whatever road it came by: a mark, and the selection it is meant to be for. */
export interface Reader {
  /** The last known state and its cursor; `undefined` until the first snapshot. */
  readonly mark: Mark | undefined
  /** Whether the mark holds every channel of the selection, so that frames can be added to it. */
  readonly isComplete: boolean
  /** Changes what is to be held. What is there already and still wanted stays. */
  select(selection: Selection): void
  /** @throws {TypeError} when the snapshot has no cursor */
  takeSnapshot(snapshot: Snapshot): void
  /** `'gap'` when frames are missing before this one; the mark is then as it was. */
  takeFrame(frame: Frame): 'taken' | 'gap'
}

export function createReader(): Reader {
  let mark: Mark | undefined
  let isComplete = false

  return {
    get mark() {
      return mark
    },
    get isComplete() {
      return isComplete
    },
    select(selection) {
      if (!mark) return
      const held = mark.state
      isComplete = selection.channels.every(channel => channel in held)
      mark = { ...mark, state: pick(held, selection) }
    },
    takeSnapshot(snapshot) {
      const fresh = takeSnapshot(undefined, snapshot)
      if (!mark || isComplete) {
        mark = takeSnapshot(mark, snapshot)
      } else if (fresh.cursor.epoch >= mark.cursor.epoch) {
        // Cursors of different selections do not compare within an epoch, and only this one is wanted now.
        mark = fresh
      } else {
        return
      }
      isComplete = true
    },
    takeFrame(frame) {
      if (!mark || !isComplete) return 'gap'
      const next = takeFrame(mark, frame)
      if (next === 'gap') return 'gap'
      mark = next
      return 'taken'
    },
  }
}

function pick(state: State, selection: Selection): State {
  const wanted = new Set<string>(selection.channels)
  return Object.fromEntries(Object.entries(state).filter(([channel]) => wanted.has(channel)))
}
