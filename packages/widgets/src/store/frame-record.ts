import { type ChannelName, type State, channelNames } from '@tidemark/protocol'

/** Last received change of a state. */
export interface LastFrame {
  /** Time when it was applied, in milliseconds since 1970 on the reader's clock. */
  readonly at: number
  /** Channels that it changed. */
  readonly channels: readonly ChannelName[]
}

/** Remembers the last change of a state for developer tools. */
export interface FrameRecord {
  record(state: State): void
  /** `undefined` before the first state. Computed on demand, so that a frame costs nothing without a reader. */
  readonly last: LastFrame | undefined
}

export function createFrameRecord(): FrameRecord {
  let before: State = {}
  let after: State = before
  let at: number | undefined

  return {
    record(state) {
      if (state === after) return
      before = after
      after = state
      at = Date.now()
    },
    get last() {
      if (at === undefined) return undefined
      return { at, channels: channelNames.filter(name => after[name] !== before[name]) }
    },
  }
}
