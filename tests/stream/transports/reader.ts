import {
  type Frame,
  type StateAtCursor,
  type ResetReason,
  type Selection,
  type ServerMessage,
  type Snapshot,
  compareCursors,
  formatCursor,
  formatProperty,
  parseCursor,
  selectionQuery,
  applyFrame,
  applySnapshot,
} from '@tidemark/protocol'

/** Site, selection and start position of a test reader. */
export interface ReaderOptions {
  /** API address of the site, such as `http://127.0.0.1:4711/api/sites/shop`. */
  siteUrl: string
  selection: Selection
  /** Known state at a cursor. The reader requests a snapshot first when this is missing. */
  initialPosition?: StateAtCursor | undefined
  /** Whether a shared cache may answer. The reader then ignores snapshots older than its position. */
  isCached?: boolean | undefined
  /** Simulates packet loss: the reader ignores each frame for which this returns true. */
  isLost?: ((frame: Frame) => boolean) | undefined
}

/**
 * A minimal reader of one transport, written from docs/protocol.md. It uses none of the live client's code, so every
 * violation it finds is a server fault.
 */
export interface ProtocolReader {
  readonly position: StateAtCursor | undefined
  /** All states at their cursors so far, oldest first; starts again when the selection changes. */
  readonly positions: readonly StateAtCursor[]
  readonly resets: readonly ResetReason[]
  /** Protocol violations of the server. */
  readonly violations: readonly string[]
  /** Changes the selection, starting at `position` or with a snapshot. Only WebSocket readers can do this. */
  select?(selection: Selection, position?: StateAtCursor): void
  close(): void
}

export type OpenReader = (options: ReaderOptions) => ProtocolReader

/** State of a test reader, with all positions, resets and protocol violations so far. */
export interface ReaderState {
  readonly position: StateAtCursor | undefined
  readonly selection: Selection
  /** Whether the next snapshot may have any cursor: the reader has no position or was reset. */
  readonly mayJump: boolean
  readonly positions: StateAtCursor[]
  readonly resets: ResetReason[]
  readonly violations: string[]
  applySnapshot(snapshot: Snapshot): void
  /** Applies a frame. @returns false when the frame does not follow the position */
  applyFrame(frame: Frame): boolean
  recordReset(reason: ResetReason): void
  /** Changes the selection and clears the positions. */
  changeSelection(selection: Selection, position: StateAtCursor | undefined): void
}

export function createReaderState(options: ReaderOptions): ReaderState {
  const { initialPosition, isCached = false, isLost } = options
  let { selection } = options
  let position = initialPosition
  let mayJump = position === undefined

  return {
    get position() {
      return position
    },
    get selection() {
      return selection
    },
    get mayJump() {
      return mayJump
    },
    positions: initialPosition ? [initialPosition] : [],
    resets: [],
    violations: [],
    applySnapshot(snapshot) {
      const fresh = applySnapshot(undefined, snapshot)
      const channels = Object.keys(fresh.state).join()
      if (channels !== selection.channels.join() || fresh.windowMinutes !== selection.minutes) {
        this.violations.push(
          `the snapshot has the channels ${channels} and a window of ${fresh.windowMinutes} minutes`,
        )
      }
      const paths = fresh.state.pageVisitors?.map(row => row.path).join()
      if ((paths ?? '') !== selection.paths.join()) {
        this.violations.push(`the snapshot has the pages ${paths}`)
      }
      const properties = JSON.stringify(fresh.state.properties?.map(formatProperty) ?? [])
      if (properties !== JSON.stringify(selection.properties.map(formatProperty))) {
        this.violations.push(`the snapshot has the properties ${properties}`)
      }
      checkPages(this.violations, fresh)
      const isLater = !position || compareCursors(fresh.cursor, position.cursor) >= 0
      if (!isLater && !mayJump) {
        if (!isCached)
          this.violations.push(`the snapshot at ${snapshot.cursor} is older than the position`)
        return
      }
      mayJump = false
      position = fresh
      this.positions.push(fresh)
    },
    applyFrame(frame) {
      if (!position) {
        this.violations.push(`frame ${frame.s} came before a snapshot`)
        return false
      }
      const { seq } = position.cursor
      if (frame.s <= seq) this.violations.push(`frame ${frame.s} came again, after ${seq}`)
      const channels: readonly string[] = selection.channels
      const isSelected = Object.keys(frame.patch).every(name => channels.includes(name))
      if (!isSelected) this.violations.push(`frame ${frame.s} has channels of another selection`)
      const next = applyFrame(position, frame)
      if (next === 'gap') {
        // Without simulated loss, no transport may skip a frame.
        if (!isLost) this.violations.push(`frame ${frame.s} follows ${frame.p}, not ${seq}`)
        return false
      }
      checkPages(this.violations, next)
      position = next
      this.positions.push(next)
      return true
    },
    recordReset(reason) {
      this.resets.push(reason)
      mayJump = true
    },
    changeSelection(next, nextPosition) {
      selection = next
      position = nextPosition
      mayJump = nextPosition === undefined
      this.positions.splice(0, Infinity, ...(nextPosition ? [nextPosition] : []))
    },
  }
}

/** Checks that each page has the visitors of its row in the list of active pages, which has few pages here. */
function checkPages(violations: string[], { cursor, state }: StateAtCursor): void {
  const { activePages, pageVisitors } = state
  if (!activePages || !pageVisitors) return
  const listed = new Map(activePages.map(row => [row.path, row.visitors]))
  for (const { path, visitors } of pageVisitors) {
    const expected = listed.get(path) ?? 0
    if (visitors === expected) continue
    violations.push(`${path} has ${visitors} visitors at ${formatCursor(cursor)}, not ${expected}`)
  }
}

/** Applies a message of a stream to a reader's state. @param resume requests the frames after the position again */
export function applyMessage(
  state: ReaderState,
  { isLost }: ReaderOptions,
  message: ServerMessage,
  resume: () => void,
): void {
  if (message.type === 'snap') {
    if (!state.mayJump)
      state.violations.push('a snapshot came although the reader had sent its cursor')
    state.applySnapshot(message.snapshot)
  } else if (message.type === 'reset') state.recordReset(message.reason)
  else if (message.type === 'frame') {
    if (!isLost?.(message) && !state.applyFrame(message)) resume()
  } else if (message.type === 'ping') {
    const cursor = parseCursor(message.cursor)
    const { position } = state
    if (cursor && position && compareCursors(position.cursor, cursor) < 0) resume()
  }
}

/** Query string of a request for a selection, with `since` when a position is known. */
export function queryOf({ selection }: ReaderOptions, position: StateAtCursor | undefined): string {
  const since = position ? `&since=${formatCursor(position.cursor)}` : ''
  return `${selectionQuery(selection)}${since}`
}
