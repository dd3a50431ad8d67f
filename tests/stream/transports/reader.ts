import {
  type Frame,
  type StateAtCursor,
  type ResetReason,
  type Selection,
  type ServerMessage,
  type Snapshot,
  compareCursors,
  formatCursor,
  parseCursor,
  selectionQuery,
  applyFrame,
  applySnapshot,
} from '@tidemark/protocol'

/** Where a reader reads, and from where it goes on. */
export interface Reading {
  /** Address of the site: `http://127.0.0.1:4711/api/sites/shop`. */
  siteUrl: string
  selection: Selection
  /** What it holds already; without it it begins anew. */
  from?: StateAtCursor | undefined
  /** There is a cache on the way: a state may be older than what is held, and is then to be dropped. */
  isCached?: boolean | undefined
  /** Says of a frame whether it is lost on the way. */
  loses?: ((frame: Frame) => boolean) | undefined
}

/**
 * A reader of one transport that does what docs/protocol.md says and nothing more, with none of the live
 * client's code, so that what it finds is the server's.
 */
export interface WireReader {
  readonly mark: StateAtCursor | undefined
  /** Every mark that it has held, oldest first. */
  readonly marks: readonly StateAtCursor[]
  readonly resets: readonly ResetReason[]
  /** What a server that keeps its word never does. */
  readonly violations: readonly string[]
  /** Reads something else from now on, from a mark of that or anew; missing where that takes a new request. */
  select?(selection: Selection, from?: StateAtCursor): void
  close(): void
}

export type OpenReader = (reading: Reading) => WireReader

/** What a reader holds, and what is wrong with how it came by it. */
export interface Ledger {
  readonly mark: StateAtCursor | undefined
  readonly selection: Selection
  /** Whether it holds nothing that it could go on from: it is new, or has been reset. */
  readonly isNew: boolean
  readonly marks: StateAtCursor[]
  readonly resets: ResetReason[]
  readonly violations: string[]
  snapshot(snapshot: Snapshot): void
  /** Whether the frame was the next one. */
  frame(frame: Frame): boolean
  reset(reason: ResetReason): void
  /** Goes on with another selection, from a mark of that one or anew; marks are those of the newest. */
  begin(selection: Selection, from: StateAtCursor | undefined): void
}

export function createLedger({ from, isCached = false, loses, ...reading }: Reading): Ledger {
  let { selection } = reading
  let mark = from
  let mayJump = from === undefined

  return {
    get mark() {
      return mark
    },
    get selection() {
      return selection
    },
    get isNew() {
      return mayJump
    },
    marks: from ? [from] : [],
    resets: [],
    violations: [],
    snapshot(snapshot) {
      const fresh = applySnapshot(undefined, snapshot)
      const channels = Object.keys(fresh.state).join()
      if (channels !== selection.channels.join() || fresh.windowMinutes !== selection.minutes) {
        this.violations.push(`a state of ${channels} in ${fresh.windowMinutes} minutes`)
      }
      const isLater = !mark || compareCursors(fresh.cursor, mark.cursor) >= 0
      if (!isLater && !mayJump) {
        if (!isCached) this.violations.push(`went back to ${snapshot.cursor}`)
        return
      }
      mayJump = false
      mark = fresh
      this.marks.push(fresh)
    },
    frame(frame) {
      if (!mark) {
        this.violations.push('a frame before a state')
        return false
      }
      const { seq } = mark.cursor
      if (frame.s <= seq) this.violations.push(`frame ${frame.s} again, after ${seq}`)
      const channels: readonly string[] = selection.channels
      const isOurs = Object.keys(frame.patch).every(name => channels.includes(name))
      if (!isOurs) this.violations.push(`frame ${frame.s} is of another selection`)
      const next = applyFrame(mark, frame)
      if (next === 'gap') {
        // No way on which nothing is lost has holes.
        if (!loses) this.violations.push(`frame ${frame.s} follows ${frame.p}, not ${seq}`)
        return false
      }
      mark = next
      this.marks.push(next)
      return true
    },
    reset(reason) {
      this.resets.push(reason)
      mayJump = true
    },
    begin(next, its) {
      selection = next
      mark = its
      mayJump = its === undefined
      this.marks.splice(0, Infinity, ...(its ? [its] : []))
    },
  }
}

/** What the messages of a stream do to a reader; `again` asks from the mark when something is missing. */
export function takeMessage(
  ledger: Ledger,
  { loses }: Reading,
  message: ServerMessage,
  again: () => void,
): void {
  if (message.type === 'snap') {
    if (!ledger.isNew) ledger.violations.push(`the whole state, to one who had said since where`)
    ledger.snapshot(message.snapshot)
  } else if (message.type === 'reset') ledger.reset(message.reason)
  else if (message.type === 'frame') {
    if (!loses?.(message) && !ledger.frame(message)) again()
  } else if (message.type === 'ping') {
    const cursor = parseCursor(message.cursor)
    const { mark } = ledger
    if (cursor && mark && compareCursors(mark.cursor, cursor) < 0) again()
  }
}

export function queryOf({ selection }: Reading, mark: StateAtCursor | undefined): string {
  const since = mark ? `&since=${formatCursor(mark.cursor)}` : ''
  return `${selectionQuery(selection)}${since}`
}
