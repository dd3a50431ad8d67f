import {
  type StateAtCursor,
  type ResetReason,
  formatCursor,
  selectionKey,
  applySnapshot,
} from '@tidemark/protocol'
import { expect, vi } from 'vitest'
import { narrowSelection, selections } from './selections.ts'
import { type TestServer, frameIntervalMs } from './test-server.ts'
import type { SwitchingStep } from './switching-step.ts'
import { type TransportName, transports } from './transports/index.ts'
import type { ProtocolReader } from './transports/reader.ts'

/** Timeout for network and server work, in milliseconds. */
const networkWait = { timeout: 5000, interval: 2 }

/** A reader across all its connections. */
interface GroupReader {
  transport: TransportName
  selection: (typeof selections)[number]
  connection: ProtocolReader
  /** Position from which the connection started. */
  initialPosition: StateAtCursor | undefined
  /** Reason of the single reset that the connection must receive. */
  expectedReset: ResetReason | undefined
  /** Newest position of each selection, by selection key. */
  readonly positions: Map<string, StateAtCursor>
}

/** Readers of one server. Checks that a cursor of a selection always stands for the same state. */
export class ReaderGroup {
  private readonly server: TestServer
  private readonly readers: GroupReader[] = []
  private readonly states = new Map<string, string>()
  private pending: Promise<void>[] = []

  constructor(server: TestServer, size: number) {
    this.server = server
    for (let index = 0; index < size; index++) {
      this.readers.push({
        transport: 'poll',
        selection: narrowSelection,
        connection: this.open('poll', narrowSelection, undefined),
        initialPosition: undefined,
        expectedReset: undefined,
        positions: new Map(),
      })
    }
  }

  async run(step: SwitchingStep): Promise<void> {
    switch (step.do) {
      case 'visit':
        for (let count = 0; count < step.times; count++) {
          this.pending.push(step.publishes ? this.server.publish() : this.server.sendVisit())
        }
        break
      case 'runEventLoop':
        for (let count = 0; count < step.times; count++) {
          await new Promise(resolve => setImmediate(resolve))
        }
        break
      case 'synchronize':
        await this.expectSynchronized()
        break
      case 'switchTransport':
        this.switchTransport(this.readerAt(step.reader), step.to, step.overlaps)
        break
      case 'useInvalidCursor':
        await this.useInvalidCursor(this.readerAt(step.reader), step.to, step.reason)
        break
      case 'select':
        this.select(this.readerAt(step.reader), step.selection, step.resumes)
    }
  }

  /** Waits until every reader has the server's state, and expects no violation on the way. */
  async expectSynchronized(): Promise<void> {
    await Promise.all(this.pending.splice(0))
    this.server.clock.advance(frameIntervalMs)
    for (const reader of this.readers) {
      const serverState = applySnapshot(undefined, await this.server.read(reader.selection))
      this.checkState(reader, serverState)
      await vi.waitFor(() => {
        const { position, violations } = reader.connection
        expect(violations).toEqual([])
        expect(position && formatCursor(position.cursor)).toBe(formatCursor(serverState.cursor))
      }, networkWait)
      expect(reader.connection.resets).toEqual(reader.expectedReset ? [reader.expectedReset] : [])
      this.checkPositions(reader)
    }
  }

  close(): void {
    for (const { connection } of this.readers) connection.close()
  }

  private switchTransport(reader: GroupReader, to: TransportName, overlaps: boolean): void {
    this.checkPositions(reader)
    const previous = reader.connection
    if (!overlaps) previous.close()
    // The reader may have received the reset and still have its old position.
    const awaitsReset =
      reader.expectedReset !== undefined && previous.position === reader.initialPosition
    // A poll sends no cursor that the server could refuse.
    const position = awaitsReset && to === 'poll' ? undefined : previous.position
    const expectedReset = awaitsReset && to !== 'poll' ? reader.expectedReset : undefined
    this.reconnect(reader, to, position, expectedReset)
    if (overlaps) previous.close()
  }

  private async useInvalidCursor(
    reader: GroupReader,
    to: TransportName,
    reason: 'epoch' | 'future',
  ): Promise<void> {
    this.checkPositions(reader)
    reader.connection.close()
    if (to === 'poll') {
      this.reconnect(reader, to, undefined, undefined)
      return
    }
    const position = applySnapshot(undefined, await this.server.read(reader.selection))
    const { epoch, seq } = position.cursor
    const cursor = reason === 'epoch' ? { epoch: epoch - 1, seq } : { epoch, seq: seq + 1000 }
    this.reconnect(reader, to, { ...position, cursor }, reason)
  }

  private select(reader: GroupReader, index: number, resumes: boolean): void {
    this.checkPositions(reader)
    const selection = selections[index] ?? narrowSelection
    const position = resumes ? reader.positions.get(selectionKey(selection)) : undefined
    reader.selection = selection
    const { connection } = reader
    if (connection.select && connection.resets.length === 0 && !reader.expectedReset) {
      connection.select(selection, position)
      reader.initialPosition = position
      return
    }
    connection.close()
    this.reconnect(reader, reader.transport, position, undefined)
  }

  private reconnect(
    reader: GroupReader,
    transport: TransportName,
    initialPosition: StateAtCursor | undefined,
    expectedReset: ResetReason | undefined,
  ): void {
    reader.transport = transport
    reader.initialPosition = initialPosition
    reader.expectedReset = expectedReset
    reader.connection = this.open(transport, reader.selection, initialPosition)
  }

  private open(
    transport: TransportName,
    selection: GroupReader['selection'],
    initialPosition: StateAtCursor | undefined,
  ): ProtocolReader {
    return transports[transport]({ siteUrl: this.server.siteUrl, selection, initialPosition })
  }

  /** Checks all states that a reader has received on its current connection. */
  private checkPositions(reader: GroupReader): void {
    const { connection, initialPosition, selection, positions } = reader
    expect(connection.violations).toEqual([])
    for (const position of connection.positions) {
      if (position === initialPosition) continue
      this.checkState(reader, position)
      positions.set(selectionKey(selection), position)
    }
  }

  private checkState({ selection }: GroupReader, position: StateAtCursor): void {
    const key = `${selectionKey(selection)} ${formatCursor(position.cursor)}`
    const state = JSON.stringify(position)
    expect(state).toBe(this.states.get(key) ?? state)
    this.states.set(key, state)
  }

  private readerAt(index: number): GroupReader {
    const reader = this.readers[index]
    if (!reader) throw new Error(`reader ${index}: the group has ${this.readers.length} readers.`)
    return reader
  }
}
