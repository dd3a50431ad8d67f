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

const position = applySnapshot(undefined, snapshot('7.5'))

describe('applySnapshot', () => {
  it('returns the first position with cursor, time and channels', () => {
    expect(position).toEqual({
      cursor: { epoch: 7, seq: 5 },
      at,
      windowMinutes: 5,
      state: { currentVisitors: 1, activePages: [] },
    })
  })

  it.each(['7.6', '8.0', '8.5'])('replaces the position when its cursor %s is newer', cursor => {
    const next = applySnapshot(position, snapshot(cursor, 9))
    expect(formatCursor(next.cursor)).toBe(cursor)
    expect(next.state.currentVisitors).toBe(9)
  })

  it.each(['7.5', '7.4', '6.999', '0.0'])(
    'keeps the position when its cursor %s is not newer',
    cursor => {
      expect(applySnapshot(position, snapshot(cursor, 9))).toBe(position)
    },
  )

  it.each(['', '7', '"7.6"', 'x.y'])('throws when its cursor is %j', cursor => {
    expect(() => applySnapshot(position, snapshot(cursor))).toThrow(TypeError)
  })
})

describe('applyFrame', () => {
  it.each([
    [4, 5],
    [3, 4],
    [0, 5],
    [6, 5],
  ])('drops a frame from %i to %i at position 5', (p, s) => {
    expect(applyFrame(position, frame(p, s))).toBe(position)
  })

  it.each([
    [5, 6],
    [5, 9],
    [4, 6],
    [0, 6],
  ])('applies a frame from %i to %i at position 5', (p, s) => {
    expect(applyFrame(position, frame(p, s))).toEqual({
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
  ])('reports a gap for a frame from %i to %i at position 5', (p, s) => {
    expect(applyFrame(position, frame(p, s))).toBe('gap')
  })
})

it('StateAtCursor: never goes back, for any order of snapshots and frames', () => {
  const input = fc.oneof(
    fc.record({ epoch: fc.nat(3), seq: fc.nat(9) }).map(cursor => ({ cursor })),
    fc.record({ p: fc.nat(9), s: fc.nat(9) }),
  )
  fc.assert(
    fc.property(fc.array(input), inputs => {
      let current: StateAtCursor = position
      for (const each of inputs) {
        const next =
          'cursor' in each
            ? applySnapshot(current, snapshot(formatCursor(each.cursor)))
            : applyFrame(current, frame(each.p, each.s))
        if (next === 'gap') continue
        const step = compareCursors(next.cursor, current.cursor)
        expect(step > 0 || next === current).toBe(true)
        current = next
      }
    }),
  )
})
