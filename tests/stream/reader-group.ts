import {
  type StateAtCursor,
  type ResetReason,
  formatCursor,
  selectionKey,
  applySnapshot,
} from '@tidemark/protocol'
import { expect, vi } from 'vitest'
import { narrow, selections } from './selections.ts'
import { type Served, frameMs } from './test-server.ts'
import type { Step } from './switching-step.ts'
import { type TransportName, transports } from './transports/index.ts'
import type { WireReader } from './transports/reader.ts'

/** For what the system does in its own time. */
const patience = { timeout: 5000, interval: 2 }

/** A reader, whichever way it reads just now. */
interface Seat {
  transport: TransportName
  selection: (typeof selections)[number]
  wire: WireReader
  /** What the wire went on from. */
  from: StateAtCursor | undefined
  /** Why it is to be reset, once. */
  stray: ResetReason | undefined
  /** The newest mark that it held of each selection. */
  readonly held: Map<string, StateAtCursor>
}

/** Some readers of one server, who are held to what each cursor of a selection was seen to mean first. */
export class Crowd {
  private readonly served: Served
  private readonly seats: Seat[] = []
  private readonly states = new Map<string, string>()
  private pending: Promise<void>[] = []

  constructor(served: Served, size: number) {
    this.served = served
    for (let each = 0; each < size; each++) {
      const wire = this.open('poll', narrow, undefined)
      const none = { from: undefined, stray: undefined }
      this.seats.push({ transport: 'poll', selection: narrow, wire, ...none, held: new Map() })
    }
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'visit':
        for (let each = 0; each < step.times; each++) {
          this.pending.push(step.isTold ? this.served.visit() : this.served.send())
        }
        break
      case 'turn':
        for (let each = 0; each < step.times; each++) {
          await new Promise(resolve => setImmediate(resolve))
        }
        break
      case 'settle':
        await this.settle()
        break
      case 'move':
        this.move(this.seat(step.reader), step.to, step.overlaps)
        break
      case 'stray':
        await this.stray(this.seat(step.reader), step.to, step.by)
        break
      case 'select':
        this.select(this.seat(step.reader), step.selection, step.resumes)
    }
  }

  /** Waits until all hold what the server does, and finds nothing wrong with how they came by it. */
  async settle(): Promise<void> {
    await Promise.all(this.pending.splice(0))
    this.served.clock.advance(frameMs)
    for (const seat of this.seats) {
      const there = applySnapshot(undefined, await this.served.read(seat.selection))
      this.compare(seat, there)
      await vi.waitFor(() => {
        expect(seat.wire.violations).toEqual([])
        expect(seat.wire.mark && formatCursor(seat.wire.mark.cursor)).toBe(
          formatCursor(there.cursor),
        )
      }, patience)
      expect(seat.wire.resets).toEqual(seat.stray ? [seat.stray] : [])
      this.collect(seat)
    }
  }

  close(): void {
    for (const { wire } of this.seats) wire.close()
  }

  private move(seat: Seat, to: TransportName, overlaps: boolean): void {
    this.collect(seat)
    const old = seat.wire
    if (!overlaps) old.close()
    // It may have heard of the reset, and hold the old mark still.
    const isStray = seat.stray !== undefined && old.mark === seat.from
    // One who asks for the whole each time has no cursor that could be refused.
    const from = isStray && to === 'poll' ? undefined : old.mark
    this.sit(seat, to, from, isStray && to !== 'poll' ? seat.stray : undefined)
    if (overlaps) old.close()
  }

  private async stray(seat: Seat, to: TransportName, by: 'epoch' | 'future'): Promise<void> {
    this.collect(seat)
    seat.wire.close()
    if (to === 'poll') {
      this.sit(seat, to, undefined, undefined)
      return
    }
    const mark = applySnapshot(undefined, await this.served.read(seat.selection))
    const { epoch, seq } = mark.cursor
    const cursor = by === 'epoch' ? { epoch: epoch - 1, seq } : { epoch, seq: seq + 1000 }
    this.sit(seat, to, { ...mark, cursor }, by)
  }

  private select(seat: Seat, index: number, resumes: boolean): void {
    this.collect(seat)
    const selection = selections[index] ?? narrow
    const from = resumes ? seat.held.get(selectionKey(selection)) : undefined
    seat.selection = selection
    if (seat.wire.select && seat.wire.resets.length === 0 && !seat.stray) {
      seat.wire.select(selection, from)
      seat.from = from
      return
    }
    seat.wire.close()
    this.sit(seat, seat.transport, from, undefined)
  }

  private sit(
    seat: Seat,
    transport: TransportName,
    from: StateAtCursor | undefined,
    stray: ResetReason | undefined,
  ): void {
    Object.assign(seat, {
      transport,
      from,
      stray,
      wire: this.open(transport, seat.selection, from),
    })
  }

  private open(
    transport: TransportName,
    selection: Seat['selection'],
    from: StateAtCursor | undefined,
  ): WireReader {
    return transports[transport]({ siteUrl: this.served.siteUrl, selection, from })
  }

  /** Looks through what a reader has held since it came this way. */
  private collect(seat: Seat): void {
    const { wire, from, selection, held } = seat
    expect(wire.violations).toEqual([])
    for (const mark of wire.marks) {
      if (mark === from) continue
      this.compare(seat, mark)
      held.set(selectionKey(selection), mark)
    }
  }

  private compare({ selection }: Seat, mark: StateAtCursor): void {
    const name = `${selectionKey(selection)} ${formatCursor(mark.cursor)}`
    const state = JSON.stringify(mark)
    expect(state).toBe(this.states.get(name) ?? state)
    this.states.set(name, state)
  }

  private seat(index: number): Seat {
    const seat = this.seats[index]
    if (!seat) throw new Error(`There is no reader ${index}.`)
    return seat
  }
}
