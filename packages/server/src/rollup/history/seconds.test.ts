import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createByteReader, createByteWriter } from '../../shared/bytes.ts'
import type { SecondTally } from './second-tallies.ts'
import { type Seconds, createSeconds } from './seconds.ts'
import { hash64 } from '../sketch/hash.ts'

const start = 1_700_000_040_000
const retentionMs = 300_000
const visitor = hash64('v')

function createStarted(): Seconds {
  const seconds = createSeconds(retentionMs)
  seconds.advance(start)
  return seconds
}

/** Restores the seconds from their written form. */
function restart(seconds: Seconds): Seconds {
  const writer = createByteWriter()
  seconds.write(writer)
  const restored = createSeconds(retentionMs)
  restored.read(createByteReader(writer.finish()))
  return restored
}

/** Returns the seconds with events, without their tallies. */
function rangeOf(seconds: Seconds, from: number, to: number) {
  return seconds
    .range(from, to)
    .map(({ at, totals: { events, pageViews, visitors } }) => ({
      ...{ at, events, pageViews, visitors: visitors.count() },
    }))
    .filter(({ events }) => events > 0)
}

/** Returns the non-zero tallies. */
function talliesOf(seconds: Seconds, from: number, to: number) {
  return seconds
    .range(from, to)
    .map(({ at, totals: { sessions, bounces, botEvents } }) => ({
      ...{ at, sessions, bounces, botEvents },
    }))
    .filter(({ sessions, bounces, botEvents }) => sessions || bounces || botEvents)
}

interface Counted {
  at: number
  isPageView: boolean
  visitor: string
}

interface Tallied {
  at: number
  change: SecondTally
}

/** Computes the expected tallies from all changes. */
function sumTallies(all: readonly Tallied[], from: number, to: number) {
  const sumOf = (tallied: readonly Tallied[], key: keyof SecondTally): number =>
    tallied.reduce((sum, { change }) => sum + change[key], 0)
  return [...Map.groupBy(all, ({ at }) => Math.floor(at / 1000) * 1000)]
    .filter(([at]) => at >= from && at < to)
    .toSorted(([a], [b]) => a - b)
    .map(([at, tallied]) => ({
      ...{ at, sessions: sumOf(tallied, 'sessions'), bounces: sumOf(tallied, 'bounces') },
      botEvents: sumOf(tallied, 'botEvents'),
    }))
    .filter(({ sessions, bounces, botEvents }) => sessions || bounces || botEvents)
}

/** Computes the expected rows from all events. */
function rowsOf(all: readonly Counted[], from: number, to: number) {
  const bySecond = Map.groupBy(all, ({ at }) => Math.floor(at / 1000) * 1000)
  return [...bySecond]
    .filter(([at]) => at >= from && at < to)
    .toSorted(([a], [b]) => a - b)
    .map(([at, events]) => ({
      at,
      events: events.length,
      pageViews: events.filter(({ isPageView }) => isPageView).length,
      visitors: new Set(events.map(each => each.visitor)).size,
    }))
}

describe('Seconds', () => {
  it('count the events and tallies of a plain model, in any order and after restarts', () => {
    const counted = fc.record({
      ageMs: fc.oneof(fc.nat(3000), fc.nat(retentionMs + 2000)),
      isPageView: fc.boolean(),
      visitor: fc.constantFrom('a', 'b', 'c'),
    })
    const tallied = fc.record({
      ageMs: fc.oneof(fc.nat(3000), fc.nat(retentionMs + 2000)),
      change: fc.record({
        ...{ sessions: fc.integer({ min: -1, max: 1 }), bounces: fc.integer({ min: -1, max: 1 }) },
        botEvents: fc.nat(2),
      }),
    })
    const step = fc.oneof(
      { weight: 4, arbitrary: counted },
      { weight: 3, arbitrary: tallied },
      { weight: 3, arbitrary: fc.oneof(fc.nat(3000), fc.nat(retentionMs)) },
      { weight: 1, arbitrary: fc.constant('restart' as const) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), steps => {
        let seconds = createStarted()
        const bytesOf = (source: Seconds): Uint8Array => {
          const writer = createByteWriter()
          source.write(writer)
          return writer.finish()
        }
        const all: Counted[] = []
        const tallyChanges: Tallied[] = []
        let now = start
        for (const each of steps) {
          if (each === 'restart') {
            seconds = restart(seconds)
          } else if (typeof each === 'number') {
            seconds.advance((now += each))
          } else if ('change' in each) {
            const at = now - each.ageMs
            tallyChanges.push({ at, change: each.change })
            seconds.addTally(at, each.change)
          } else {
            const at = now - each.ageMs
            all.push({ ...each, at })
            seconds.add(at, each.isPageView, hash64(each.visitor))
          }
          const second = Math.floor(now / 1000) * 1000
          const first = second - retentionMs + 1000
          expect(rangeOf(seconds, 0, 9e15)).toEqual(rowsOf(all, first, 9e15))
          expect(rangeOf(seconds, second - 170_000, second - 50_000)).toEqual(
            rowsOf(all, Math.max(first, second - 170_000), second - 50_000),
          )
          for (const [from, to] of [
            [0, 9e15],
            [second - 170_000, second - 50_000],
          ] as const) {
            const expected = sumTallies(tallyChanges, Math.max(first, from), to)
            expect(talliesOf(seconds, from, to)).toEqual(expected)
          }
          expect(seconds.series()).toEqual(rowsOf(all, second - 59_000, 9e15))
          expect(bytesOf(restart(seconds))).toEqual(bytesOf(seconds))
        }
      }),
    )
  })

  it('expire exactly after the retention', () => {
    const seconds = createStarted()
    seconds.add(start, true, visitor)
    seconds.advance(start + retentionMs - 1)
    expect(rangeOf(seconds, 0, 9e15)).toHaveLength(1)
    expect(seconds.isEmpty()).toBe(false)
    seconds.advance(start + retentionMs)
    expect(rangeOf(seconds, 0, 9e15)).toEqual([])
    expect(seconds.isEmpty()).toBe(true)
  })

  it('ignore an event beyond the retention', () => {
    const seconds = createStarted()
    seconds.add(start - retentionMs + 999, true, visitor)
    expect(seconds.isEmpty()).toBe(true)
    seconds.add(start - retentionMs + 1000, true, visitor)
    expect(seconds.isEmpty()).toBe(false)
  })

  it('are read in half-open ranges', () => {
    const seconds = createStarted()
    for (const second of [3, 0, 2, 1]) seconds.add(start - second * 1000, false, visitor)
    expect(rangeOf(seconds, start - 2000, start).map(({ at }) => at)).toEqual([
      start - 2000,
      start - 1000,
    ])
  })

  it('return the last 60 seconds as series, with the current one', () => {
    const seconds = createStarted()
    seconds.add(start, true, visitor)
    seconds.advance(start + 59_999)
    seconds.add(start + 59_999, false, visitor)
    expect(seconds.series()).toEqual([
      { at: start, events: 1, pageViews: 1, visitors: 1 },
      { at: start + 59_000, events: 1, pageViews: 0, visitors: 1 },
    ])
    seconds.advance(start + 60_000)
    expect(seconds.series().map(({ at }) => at)).toEqual([start + 59_000])
    // The second is outside the series but within the retention.
    expect(rangeOf(seconds, start, start + 1000)).toHaveLength(1)
  })

  it('return the same series array until a second ends or an event arrives', () => {
    const seconds = createStarted()
    const empty = seconds.series()
    seconds.advance(start + 5000)
    expect(seconds.series()).toBe(empty)
    seconds.add(start + 5000, true, visitor)
    const rows = seconds.series()
    seconds.advance(start + 5999)
    seconds.add(start - retentionMs, true, visitor)
    expect(seconds.series()).toBe(rows)
    seconds.advance(start + 6000)
    expect(seconds.series()).not.toBe(rows)
    seconds.add(start + 5000, true, visitor)
    expect(seconds.series()).toEqual([{ at: start + 5000, events: 2, pageViews: 2, visitors: 1 }])
  })

  it('estimate the visitors of a busy second within four standard errors', () => {
    const seconds = createStarted()
    for (let each = 0; each < 2000; each++) seconds.add(start, true, hash64(`visitor ${each}`))
    const [row] = restart(seconds).series()
    expect(row).toMatchObject({ events: 2000, pageViews: 2000 })
    // Four standard errors of 2.3 %.
    expect(Math.abs((row?.visitors ?? 0) / 2000 - 1)).toBeLessThan(4 * 0.023)
  })
})
