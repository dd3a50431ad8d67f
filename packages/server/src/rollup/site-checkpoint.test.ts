import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CooperativeTask, runToCompletion } from '../shared/cooperative-task.ts'
import { defaultBounds } from './bounds.ts'
import { isEmptyPart } from './bucket/parts.ts'
import type { EncodedPart } from './history/open-buckets.ts'
import type { TableSegment } from './site-tables.ts'
import type { Capture } from './site-capture.ts'
import { stateVersion } from './site-head.ts'
import { type SiteState, createSiteState } from './site.ts'
import {
  batch,
  batches,
  event,
  hourMs,
  minutesOf,
  readAll,
  start,
  toRecords,
} from './testing/site-state.ts'

/** Simulates the store of one site: its stored data, and their offset in the log. */
function createStore() {
  const parts = new Map<string, Map<number, EncodedPart>>()
  const segments = new Map<string, TableSegment>()
  let state: Uint8Array | undefined
  let offset = 0
  return {
    open: () =>
      createSiteState({
        bounds: { ...defaultBounds, maxFeedEntries: 5 },
        readStored: (tier, part, from, to) =>
          [...(parts.get(`${tier} ${part}`)?.values() ?? [])]
            .filter(row => row.start >= from && row.start < to)
            .toSorted((a, b) => a.start - b.start),
        ...(state && { stored: { state, segments: [...segments.values()] } }),
      }),
    checkpoint(from: SiteState, upTo: number) {
      this.commit(runToCompletion(from.capture()), upTo)
    },
    commit(capture: Capture, upTo: number) {
      for (const row of capture.parts) {
        const name = `${row.tier} ${row.part}`
        const rows = parts.get(name) ?? new Map<number, EncodedPart>()
        parts.set(name, rows)
        rows.set(row.start, row)
      }
      for (const segment of capture.segments) {
        const key = `${segment.table} ${segment.id}`
        if (segment.bytes) segments.set(key, segment)
        else segments.delete(key)
      }
      state = capture.state
      offset = upTo
      capture.markStored()
    },
    get offset() {
      return offset
    },
    get segments() {
      return segments.size
    },
    /** All stored data, as text that contains the bytes. */
    get all(): string[] {
      const rows = [...parts].flatMap(([name, of]) =>
        [...of.values()]
          // Later changes have taken back all counts of an empty part.
          .filter(row => !isEmptyPart(row))
          .map(({ start: at, bytes }) => [`${name} ${at}`, bytes] as const),
      )
      const tables = [...segments].map(([key, { bytes }]) => [key, bytes] as const)
      return [['state', state] as const, ...rows, ...tables]
        .map(([key, bytes]) => `${key} ${Buffer.from(bytes ?? []).toString('hex')}`)
        .toSorted()
    },
    /** Size of the state and its table segments, in bytes. */
    get bytes() {
      const tables = [...segments.values()].reduce(
        (sum, { bytes }) => sum + (bytes?.length ?? 0),
        0,
      )
      return tables + (state?.length ?? 0)
    },
  }
}

describe('SiteState: checkpoints', () => {
  it('restore the minute series of the last hour', () => {
    const store = createStore()
    const state = store.open()
    state.apply(batch(1, [event()]))
    store.checkpoint(state, 1)
    const restored = store.open()
    expect(restored.minuteSeries()).toEqual(state.minuteSeries())
    restored.advance(start + 1000)
    expect(restored.minuteSeries()).toHaveLength(1)
  })

  it('restore a state with the same bytes after any restart and replay of the later log', () => {
    const step = fc.constantFrom(
      'none',
      'checkpoint',
      'start checkpoint',
      'fail checkpoint',
      'restart',
    )
    fc.assert(
      fc.property(batches, fc.array(step, { maxLength: 12 }), (all, steps) => {
        const records = toRecords(all)
        const store = createStore()
        const plainStore = createStore()
        const plain = plainStore.open()
        let state = store.open()
        let pending: { task: CooperativeTask<Capture>; offset: number } | undefined
        for (const [index, record] of records.entries()) {
          plain.apply(record)
          state.apply(record)
          const action = steps[index]
          // The capture excludes the record that was applied after its first step.
          if (pending) store.commit(runToCompletion(pending.task), pending.offset)
          pending = undefined
          if (action === 'checkpoint') store.checkpoint(state, record.offset)
          if (action === 'start checkpoint') {
            const capture = state.capture()
            const first = capture.next()
            if (first.done) store.commit(first.value, record.offset)
            else pending = { task: capture, offset: record.offset }
          }
          // The store never receives this capture.
          if (action === 'fail checkpoint') runToCompletion(state.capture())
          if (action === 'restart') {
            pending = undefined
            state = store.open()
            for (const later of records.slice(store.offset, index + 1)) state.apply(later)
          }
        }
        expect(readAll(state)).toEqual(readAll(plain))
        const end = (records.at(-1)?.receivedAt ?? start) + hourMs
        for (const each of [state, plain]) each.advance(end)
        for (const record of records) {
          const repeated = { ...record, offset: record.offset + records.length, receivedAt: end }
          expect(state.apply(repeated)).toBe(plain.apply(repeated))
        }
        expect(readAll(state)).toEqual(readAll(plain))
        for (const [each, of] of [
          [store, state],
          [plainStore, plain],
        ] as const)
          each.checkpoint(of, Infinity)
        expect(store.all).toEqual(plainStore.all)
      }),
      { numRuns: 25 },
    )
  })

  it('of another version are rejected', () => {
    const { state } = runToCompletion(createSiteState().capture())
    const newer = Uint8Array.from(state)
    newer[0] = stateVersion + 1
    expect(() => createSiteState({ stored: { state: newer, segments: [] } })).toThrow(
      `The stored site state has version ${stateVersion + 1}, but this Tidemark reads version ${stateVersion} only.`,
    )
  })

  it('do not grow over time under constant load', () => {
    const store = createStore()
    const state = store.open()
    const sizeAfter = (from: number, to: number): number => {
      for (let hour = from; hour < to; hour++) {
        const at = start + hour * hourMs
        const each = { at, visitor: `visitor ${hour}`, client: `client ${hour}`, n: 1 }
        state.apply(batch(hour + 1, [event(each)], at))
      }
      store.checkpoint(state, to)
      return store.bytes
    }
    const steadySize = sizeAfter(0, 7 * 24)
    expect(sizeAfter(7 * 24, 14 * 24)).toBeLessThan(1.1 * steadySize)
  })

  it('contain the same bytes and no segments when nothing has changed since', () => {
    const store = createStore()
    const state = store.open()
    state.apply(batch(1, [event({ client: 'c', n: 1, goals: ['Paid'], value: 1 })]))
    store.checkpoint(state, 1)
    expect(store.segments).toBeGreaterThan(0)
    const { segments, state: bytes } = runToCompletion(state.capture())
    expect(segments).toEqual([])
    expect(runToCompletion(store.open().capture())).toMatchObject({ segments: [], state: bytes })
  })

  it('close hours and days that are over', () => {
    const store = createStore()
    const state = store.open()
    for (let hour = 0; hour < 60; hour++) {
      const at = start + hour * hourMs
      state.apply(batch(hour + 1, [event({ at, client: `c${hour}`, n: 1 })], at))
      store.checkpoint(state, hour + 1)
    }
    const { closedBefore } = state.history.tiers
    expect(closedBefore.hour).toBeGreaterThan(start + 57 * hourMs)
    expect(closedBefore.day).toBeGreaterThan(start + 24 * hourMs)
    expect(minutesOf(state, 0, 9e15).length).toBe(60)
  })
})
