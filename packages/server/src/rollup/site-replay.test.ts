import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runToCompletion } from '../shared/cooperative-task.ts'
import { createSiteState } from './site.ts'
import {
  batch,
  batches,
  events,
  historyOf,
  hourMs,
  minuteMs,
  readAll,
  smallBounds,
  start,
  toRecords,
} from './testing/site-state.ts'

describe('SiteState: replay', () => {
  it('results in the same state as live operation, with any reads and advances in between', () => {
    const reads = fc.array(fc.nat(minuteMs), { maxLength: 12 })
    fc.assert(
      fc.property(batches, reads, (all, steps) => {
        const records = toRecords(all)
        const live = createSiteState({ bounds: smallBounds })
        for (const [index, record] of records.entries()) {
          live.apply(record)
          const next = records[index + 1]?.receivedAt ?? Infinity
          live.advance(Math.min(next, record.receivedAt + (steps[index] ?? 0)))
          readAll(live)
        }
        const replayed = createSiteState({ bounds: smallBounds })
        for (const record of records) replayed.apply(record)
        const end = (records.at(-1)?.receivedAt ?? start) + minuteMs
        live.advance(end)
        replayed.advance(end)
        expect(readAll(replayed)).toEqual(readAll(live))
      }),
      { numRuns: 40 },
    )
  })

  it('of repeated records results in the same state', () => {
    fc.assert(
      fc.property(batches, all => {
        const records = toRecords(all)
        const once = createSiteState({ bounds: smallBounds })
        for (const record of records) once.apply(record)
        const before = readAll(once)
        const end = records.at(-1)?.receivedAt ?? start
        for (const [index, record] of records.entries()) {
          const repeated = { ...record, offset: records.length + index + 1, receivedAt: end }
          expect(once.apply(repeated)).toBe(0)
        }
        expect(readAll(once)).toEqual(before)
      }),
    )
  })
})

it('SiteState: counts a group of events of one sender, name and second like separate events', () => {
  const few = events.map(each => ({ ...each, goals: [], at: start - (each.at % 3) * 700 }))
  const batchOfMany = fc.array(few, { maxLength: 30 })
  fc.assert(
    fc.property(batchOfMany, some => {
      const [grouped, separate] = [
        createSiteState({ bounds: smallBounds }),
        createSiteState({ bounds: smallBounds }),
      ]
      const record = batch(1, some)
      grouped.apply(record)
      // Equal senders that are different objects prevent grouping.
      const ungrouped = record.events.map(each => ({ ...each, sender: { ...each.sender } }))
      separate.apply({ ...record, events: ungrouped })
      expect(runToCompletion(grouped.capture())).toEqual({
        ...runToCompletion(separate.capture()),
        markStored: expect.any(Function),
      })
      expect(grouped.overflow).toEqual(separate.overflow)
    }),
  )
})

/** Gives each value its time as value, so that no order of arrival decides on the latest of equal times. */
const valuesByTime = events.map(each =>
  each.value === undefined ? each : { ...each, value: start - each.at },
)

it('SiteState: has the same totals for any order of the records of different clients', () => {
  const perClient = fc.tuple(
    ...['c1', 'c2', 'c3'].map(client =>
      fc.array(
        valuesByTime.map(each => ({
          ...each,
          sender: { ...each.sender, client, visitor: `visitor of ${client}` },
        })),
        { maxLength: 5 },
      ),
    ),
  )
  const order = fc.shuffledSubarray([0, 1, 2], { minLength: 3 })
  fc.assert(
    fc.property(perClient, order, (all, indexes) => {
      const inOrder = createSiteState({ bounds: smallBounds })
      for (const [index, some] of all.entries()) inOrder.apply(batch(index + 1, some))
      const shuffled = createSiteState({ bounds: smallBounds })
      for (const index of indexes) shuffled.apply(batch(index + 1, all[index] ?? []))
      const { recentEvents: _, minutes, ...totals } = readAll(inOrder)
      const { recentEvents: __, minutes: otherMinutes, ...otherTotals } = readAll(shuffled)
      expect(otherTotals).toEqual(totals)
      expect(otherMinutes).toEqual(minutes)
    }),
  )
})

it('SiteState: has the same history for any split, order, repetition and delay of the same events', () => {
  const request = fc.record({ first: fc.nat(), length: fc.integer({ min: 1, max: 6 }) })
  fc.assert(
    fc.property(
      fc.array(valuesByTime, { minLength: 1, maxLength: 24 }),
      fc.array(request, { maxLength: 12 }),
      fc.infiniteStream(fc.nat()),
      fc.array(fc.nat(hourMs), { minLength: 40, maxLength: 40 }),
      (some, repeats, order, waits) => {
        const numbered = some.map((each, n) => ({ ...each, n: n + 1 }))
        const one = createSiteState({ bounds: smallBounds })
        one.apply(batch(1, numbered))
        const other = createSiteState({ bounds: smallBounds })
        const shuffled = numbered
          .map(each => ({ each, key: order.next().value ?? 0 }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ each }) => each)
        const cuts = repeats.map(({ first, length }) =>
          shuffled.slice(first % shuffled.length).slice(0, length),
        )
        let now = start
        for (const [index, requested] of [...cuts, ...shuffled.map(each => [each])].entries()) {
          now += waits[index] ?? 0
          other.apply(batch(index + 1, requested, now))
        }
        expect(historyOf(other)).toEqual(historyOf(one))
      },
    ),
    { numRuns: 100 },
  )
})
