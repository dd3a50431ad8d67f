import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Snapshot } from './channels.ts'
import { compareCursors, formatCursor } from './cursor.ts'
import type { Frame } from './frame.ts'
import { type StateAtCursor, applyFrame, applySnapshot } from './state-at-cursor.ts'

const at = 1_700_000_000_000

function snapshot(cursor: string, currentVisitors = 1): Snapshot {
  return { cursor, at, windowMinutes: 5, currentVisitors, activePages: [] }
}

function frame(p: number, s: number, currentVisitors = 2): Frame {
  return { p, s, at: at + 1000, patch: { currentVisitors } }
}

const mark = applySnapshot(undefined, snapshot('7.5'))

describe('a snapshot', () => {
  it('is a first mark, with its cursor, its time and its channels apart', () => {
    expect(mark).toEqual({
      cursor: { epoch: 7, seq: 5 },
      at,
      windowMinutes: 5,
      state: { currentVisitors: 1, activePages: [] },
    })
  })

  it.each(['7.6', '8.0', '8.5'])('replaces the mark when its cursor %s is newer', cursor => {
    const next = applySnapshot(mark, snapshot(cursor, 9))
    expect(formatCursor(next.cursor)).toBe(cursor)
    expect(next.state.currentVisitors).toBe(9)
  })

  it.each(['7.5', '7.4', '6.999', '0.0'])('is dropped when its cursor %s is not newer', cursor => {
    expect(applySnapshot(mark, snapshot(cursor, 9))).toBe(mark)
  })

  it.each(['', '7', '"7.6"', 'x.y'])('throws when its cursor is %j', cursor => {
    expect(() => applySnapshot(mark, snapshot(cursor))).toThrow(TypeError)
  })
})

describe('a frame', () => {
  it.each([
    [4, 5],
    [3, 4],
    [0, 5],
    [6, 5],
  ])('from %i to %i is dropped when the mark is at 5', (p, s) => {
    expect(applyFrame(mark, frame(p, s))).toBe(mark)
  })

  it.each([
    [5, 6],
    [5, 9],
    [4, 6],
    [0, 6],
  ])('from %i to %i is applied when the mark is at 5', (p, s) => {
    expect(applyFrame(mark, frame(p, s))).toEqual({
      cursor: { epoch: 7, seq: s },
      at: at + 1000,
      windowMinutes: 5,
      state: { currentVisitors: 2, activePages: [] },
    })
  })

  it.each([
    [6, 7],
    [6, 9],
    [50, 51],
  ])('from %i to %i is a gap when the mark is at 5', (p, s) => {
    expect(applyFrame(mark, frame(p, s))).toBe('gap')
  })
})

it('never goes back, whatever comes in whatever order', () => {
  const taken = fc.oneof(
    fc.record({ epoch: fc.nat(3), seq: fc.nat(9) }).map(cursor => ({ cursor })),
    fc.record({ p: fc.nat(9), s: fc.nat(9) }),
  )
  fc.assert(
    fc.property(fc.array(taken), all => {
      let held: StateAtCursor = mark
      for (const one of all) {
        const next =
          'cursor' in one
            ? applySnapshot(held, snapshot(formatCursor(one.cursor)))
            : applyFrame(held, frame(one.p, one.s))
        if (next === 'gap') continue
        const step = compareCursors(next.cursor, held.cursor)
        expect(step > 0 || next === held).toBe(true)
        held = next
      }
    }),
  )
})
