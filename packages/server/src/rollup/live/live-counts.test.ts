import { windowMinutes } from '@tidemark/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createByteReader, createByteWriter } from '../../shared/bytes.ts'
import { createLiveCounts } from './live-counts.ts'

const start = 1_700_000_040_000

describe('LiveCounts', () => {
  it('agree with a simple model in every window', () => {
    const step = fc.oneof(
      fc.record({
        name: fc.constantFrom('a', 'b', '__proto__', 'constructor'),
        ageMs: fc.integer({ min: 0, max: 3_700_000 }),
      }),
      fc.integer({ min: 0, max: 1_000_000 }),
    )
    fc.assert(
      fc.property(fc.array(step), steps => {
        const counts = createLiveCounts(10, 10)
        const events: { name: string; at: number }[] = []
        let now = start
        counts.advance(now)
        for (const each of steps) {
          if (typeof each === 'number') counts.advance((now += each))
          else {
            events.push({ name: each.name, at: now - each.ageMs })
            counts.add(each.name, now - each.ageMs)
          }
          for (const minutes of windowMinutes) {
            const expected = new Map<string, number>()
            for (const { name, at } of events) {
              const age = Math.floor(now / 1000) - Math.floor(at / 1000)
              if (age < minutes * 60) expected.set(name, (expected.get(name) ?? 0) + 1)
            }
            const rows = counts.within(minutes)
            expect(new Map(rows.map(({ name, count }) => [name, count]))).toEqual(expected)
            expect(counts.within(minutes)).toBe(rows)
          }
        }
      }),
    )
  })

  it('rank names by count, then by name, and group the rest into "(other)"', () => {
    const counts = createLiveCounts(3, 2)
    counts.advance(start)
    for (const name of ['c', 'b', 'b', 'a', 'd', 'd', '(other)']) counts.add(name, start)
    expect(counts.within(5)).toEqual([
      { name: 'b', count: 2, rest: false },
      { name: 'a', count: 1, rest: false },
      { name: '(other)', count: 4, rest: true },
    ])
  })

  it('remove a name that has left every window, which makes room for another', () => {
    const counts = createLiveCounts(1, 10)
    counts.advance(start)
    expect(counts.add('a', start)).toBe(true)
    expect(counts.add('b', start)).toBe(false)
    expect(counts.add('b', start - 3_599_000)).toBe(false)
    // An event older than every window needs no room.
    expect(counts.add('b', start - 3_600_000)).toBe(true)
    counts.advance(start + 3_600_000)
    expect(counts.isEmpty()).toBe(true)
    expect(counts.add('b', start + 3_600_000)).toBe(true)
    expect(counts.within(60)).toEqual([{ name: 'b', count: 1, rest: false }])
  })

  it('have no row for a hidden name, which needs no room, and are not empty while it counts', () => {
    const counts = createLiveCounts(1, 10, name => name === 'hidden')
    counts.advance(start)
    expect(counts.add('hidden', start)).toBe(true)
    expect(counts.add('a', start)).toBe(true)
    const rows = counts.within(5)
    expect(rows).toEqual([{ name: 'a', count: 1, rest: false }])
    expect(counts.add('hidden', start)).toBe(true)
    expect(counts.within(5)).toBe(rows)
    expect(counts.add('b', start)).toBe(false)
    const writer = createByteWriter()
    counts.write(writer)
    const restored = createLiveCounts(1, 10, name => name === 'hidden')
    restored.read(createByteReader(writer.finish()))
    for (const each of [counts, restored]) {
      expect(each.within(5)).toMatchObject([{ name: 'a' }, { name: '(other)' }])
      each.advance(start + 3_599_000)
      expect(each.isEmpty()).toBe(false)
      each.advance(start + 3_600_000)
      expect(each.isEmpty()).toBe(true)
    }
  })

  it('are not empty while a window contains an event of a name without room', () => {
    const counts = createLiveCounts(1, 10)
    counts.advance(start)
    counts.add('a', start)
    counts.advance(start + 1000)
    expect(counts.add('b', start + 1000)).toBe(false)
    counts.advance(start + 3_600_000)
    expect(counts.isEmpty()).toBe(false)
    expect(counts.within(60)).toEqual([{ name: '(other)', count: 1, rest: true }])
    counts.advance(start + 3_601_000)
    expect(counts.isEmpty()).toBe(true)
    expect(counts.within(60)).toEqual([])
  })

  it('continue after a restart, including the events of names without room', () => {
    const counts = createLiveCounts(1, 10)
    counts.advance(start)
    for (const name of ['a', 'b', 'b']) counts.add(name, start)
    const writer = createByteWriter()
    counts.write(writer)
    const restored = createLiveCounts(1, 10)
    restored.read(createByteReader(writer.finish()))
    expect(restored.within(5)).toEqual(counts.within(5))
    expect(restored.add('c', start)).toBe(false)
    expect(restored.add('a', start)).toBe(true)
    const roomier = createLiveCounts(2, 10)
    roomier.read(createByteReader(writer.finish()))
    expect(roomier.add('c', start)).toBe(true)
    expect(roomier.within(5)).toMatchObject([
      { name: 'a' },
      { name: 'c' },
      { count: 2, rest: true },
    ])
    restored.advance(start + 300_000)
    expect(restored.within(5)).toEqual([])
    expect(restored.within(15)).toEqual([
      { name: 'a', count: 2, rest: false },
      { name: '(other)', count: 3, rest: true },
    ])
  })
})
