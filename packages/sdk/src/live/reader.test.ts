import {
  type EventProperty,
  type Frame,
  type Selection,
  type Snapshot,
  formatCursor,
} from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import { type Reader, createReader } from './reader.ts'
import { snapshotAt } from './testing/scenario.ts'

const visitors = { channels: ['currentVisitors'], minutes: 5, paths: [], properties: [] } as const
const visitorsAndViews = {
  channels: ['currentVisitors', 'pageViews'],
  minutes: 5,
  paths: [],
  properties: [],
} as const
const views = { channels: ['pageViews'], minutes: 5, paths: [], properties: [] } as const

function readerOf(snapshot: Snapshot): Reader {
  const reader = createReader()
  reader.select(visitors)
  reader.applySnapshot(snapshot)
  return reader
}

function frame(p: number, s: number, currentVisitors: number): Frame {
  return { p, s, at: 1_700_000_001_000, patch: { currentVisitors } }
}

const cursorOf = ({ position }: Reader): string | undefined =>
  position && formatCursor(position.cursor)

describe('createReader', () => {
  it('has no position and applies no frame before its first snapshot', () => {
    const reader = createReader()
    reader.select(visitors)

    expect(reader.applyFrame(frame(0, 1, 5))).toBe('gap')
    expect(reader.position).toBeUndefined()
    expect(reader.isComplete).toBe(false)
  })

  it('applies the frame after its cursor', () => {
    const reader = readerOf(snapshotAt('7.3', { currentVisitors: 1 }))

    expect(reader.applyFrame(frame(3, 4, 2))).toBe('applied')
    expect(cursorOf(reader)).toBe('7.4')
    expect(reader.position?.state).toEqual({ currentVisitors: 2 })
  })

  it('applies a merged frame that starts before its cursor', () => {
    const reader = readerOf(snapshotAt('7.3', { currentVisitors: 1 }))

    expect(reader.applyFrame(frame(1, 9, 2))).toBe('applied')
    expect(cursorOf(reader)).toBe('7.9')
  })

  it('ignores frames up to its cursor', () => {
    const reader = readerOf(snapshotAt('7.3', { currentVisitors: 1 }))
    const { position } = reader

    expect(reader.applyFrame(frame(2, 3, 99))).toBe('applied')
    expect(reader.applyFrame(frame(1, 2, 99))).toBe('applied')
    expect(reader.position).toBe(position)
  })

  it.each([
    ['`p`', { s: 4, at: 1, patch: {} }],
    ['`s`', { p: 3, at: 1, patch: {} }],
    ['that is an integer', { p: 3, s: 3.5, at: 1, patch: {} }],
  ])('throws for a frame without a number %s', (_, message) => {
    const reader = readerOf(snapshotAt('7.3', { currentVisitors: 1 }))
    const { position } = reader

    expect(() => reader.applyFrame(message as Frame)).toThrow(TypeError)
    expect(reader.position).toBe(position)
  })

  it('reports a gap and keeps its position', () => {
    const reader = readerOf(snapshotAt('7.3', { currentVisitors: 1 }))
    const { position } = reader

    expect(reader.applyFrame(frame(4, 5, 99))).toBe('gap')
    expect(reader.position).toBe(position)
  })

  it.each([
    ['the same cursor', '7.3'],
    ['an older cursor', '7.2'],
    ['an older epoch', '6.999'],
  ])('ignores a snapshot with %s', (_, cursor) => {
    const reader = readerOf(snapshotAt('7.3', { currentVisitors: 1 }))
    const { position } = reader
    reader.applySnapshot(snapshotAt(cursor, { currentVisitors: 99 }))

    expect(reader.position).toBe(position)
  })

  it('applies a snapshot of a newer epoch with any sequence number', () => {
    const reader = readerOf(snapshotAt('7.3', { currentVisitors: 1 }))
    reader.applySnapshot(snapshotAt('8.0', { currentVisitors: 0 }))

    expect(cursorOf(reader)).toBe('8.0')
    expect(reader.position?.state).toEqual({ currentVisitors: 0 })
  })

  it('keeps the identity of unchanged channels', () => {
    const reader = createReader()
    reader.select({ channels: ['activePages', 'countries'], minutes: 5, paths: [], properties: [] })
    const countries = [{ country: 'DE', visitors: 2 }]
    reader.applySnapshot(
      snapshotAt('7.3', { activePages: [{ path: '/', visitors: 2 }], countries }),
    )
    reader.applySnapshot(
      snapshotAt('7.4', {
        activePages: [{ path: '/a', visitors: 2 }],
        countries: [{ country: 'DE', visitors: 2 }],
      }),
    )

    expect(reader.position?.state.countries).toBe(countries)
    expect(reader.position?.state.activePages).toEqual([{ path: '/a', visitors: 2 }])
  })
})

describe('Reader.select', () => {
  it('keeps the state and applies no frame until an added channel has arrived', () => {
    const reader = readerOf(snapshotAt('7.3', { currentVisitors: 1 }))
    reader.select(visitorsAndViews)

    expect(reader.position?.state).toEqual({ currentVisitors: 1 })
    expect(reader.isComplete).toBe(false)
    expect(reader.applyFrame(frame(3, 4, 2))).toBe('gap')

    reader.applySnapshot(snapshotAt('7.5', { currentVisitors: 2, pageViews: 10 }))
    expect(reader.isComplete).toBe(true)
    expect(reader.position?.state).toEqual({ currentVisitors: 2, pageViews: 10 })
  })

  it('applies an added channel at the same cursor', () => {
    const reader = readerOf(snapshotAt('7.3', { currentVisitors: 1 }))
    reader.select(visitorsAndViews)
    reader.applySnapshot(snapshotAt('7.3', { currentVisitors: 1, pageViews: 10 }))

    expect(reader.position?.state).toEqual({ currentVisitors: 1, pageViews: 10 })
  })

  it('ignores an older snapshot after a channel was added', () => {
    const reader = readerOf(snapshotAt('7.3', { currentVisitors: 5 }))
    reader.select(visitorsAndViews)
    reader.applySnapshot(snapshotAt('7.2', { currentVisitors: 4, pageViews: 10 }))

    expect(cursorOf(reader)).toBe('7.3')
    expect(reader.position?.state).toEqual({ currentVisitors: 5 })
    expect(reader.isComplete).toBe(false)
  })

  it('applies an earlier cursor of the same epoch for other channels', () => {
    const reader = readerOf(snapshotAt('7.30', { currentVisitors: 1 }))
    reader.select(views)
    expect(reader.position?.state).toEqual({})

    reader.applySnapshot(snapshotAt('7.12', { pageViews: 10 }))
    expect(cursorOf(reader)).toBe('7.12')
    expect(reader.position?.state).toEqual({ pageViews: 10 })
  })

  it('applies a newer epoch with any sequence number for other channels', () => {
    const reader = readerOf(snapshotAt('7.30', { currentVisitors: 1 }))
    reader.select(views)
    reader.applySnapshot(snapshotAt('8.0', { pageViews: 0 }))

    expect(cursorOf(reader)).toBe('8.0')
    expect(reader.isComplete).toBe(true)
  })

  it('ignores an older epoch for other channels', () => {
    const reader = readerOf(snapshotAt('7.3', { currentVisitors: 1 }))
    reader.select(views)
    reader.applySnapshot(snapshotAt('6.900', { pageViews: 10 }))

    expect(reader.isComplete).toBe(false)
    expect(reader.position?.state).toEqual({})
  })

  it('removes a channel and applies frames at the same cursor', () => {
    const reader = createReader()
    reader.select(visitorsAndViews)
    reader.applySnapshot(snapshotAt('7.3', { currentVisitors: 1, pageViews: 10 }))
    reader.select(visitors)

    expect(reader.isComplete).toBe(true)
    expect(reader.position?.state).toEqual({ currentVisitors: 1 })
    expect(reader.applyFrame(frame(2, 4, 2))).toBe('applied')
    expect(cursorOf(reader)).toBe('7.4')
  })

  it('ignores a snapshot from before the last frame when a channel is replaced', () => {
    const reader = createReader()
    reader.select(visitorsAndViews)
    reader.applySnapshot(snapshotAt('7.9', { currentVisitors: 1, pageViews: 10 }))
    reader.select(visitors)
    reader.applyFrame(frame(9, 12, 2))
    reader.select({
      channels: ['currentVisitors', 'countries'],
      minutes: 5,
      paths: [],
      properties: [],
    })
    reader.applySnapshot(snapshotAt('7.11', { currentVisitors: 1, countries: [] }))

    expect(cursorOf(reader)).toBe('7.12')
    expect(reader.isComplete).toBe(false)
  })

  it('applies an earlier cursor after an ignored frame when a channel is replaced', () => {
    const reader = createReader()
    reader.select(visitorsAndViews)
    reader.applySnapshot(snapshotAt('7.9', { currentVisitors: 1, pageViews: 10 }))
    reader.select(visitors)
    reader.applyFrame(frame(2, 3, 99))
    reader.select({
      channels: ['currentVisitors', 'countries'],
      minutes: 5,
      paths: [],
      properties: [],
    })
    reader.applySnapshot(snapshotAt('7.4', { currentVisitors: 1, countries: [] }))

    expect(reader.isComplete).toBe(true)
  })

  it('applies an earlier cursor than that of a removed channel', () => {
    const reader = createReader()
    reader.select(visitorsAndViews)
    reader.applySnapshot(snapshotAt('7.9', { currentVisitors: 1, pageViews: 10 }))
    reader.select(visitors)
    reader.select({
      channels: ['currentVisitors', 'countries'],
      minutes: 5,
      paths: [],
      properties: [],
    })
    reader.applySnapshot(snapshotAt('7.4', { currentVisitors: 1, countries: [] }))

    expect(reader.isComplete).toBe(true)
    expect(cursorOf(reader)).toBe('7.4')
  })
})

describe('createReader: properties', () => {
  const plan = { event: 'purchase', property: 'plan' }
  const size = { event: 'shop.view', property: 'size' }
  const rows = [{ property: 'x', events: 1, visitors: 1 }]
  const select = (...properties: EventProperty[]): Selection => ({
    ...{ channels: ['properties'], minutes: 5, paths: [], properties },
  })

  function readBoth(): Reader {
    const reader = createReader()
    reader.select(select(plan, size))
    const properties = [
      { ...plan, rows },
      { ...size, rows: [] },
    ]
    reader.applySnapshot(snapshotAt('7.3', { properties }))
    return reader
  }

  it('is complete with fewer, and has only their rows', () => {
    const reader = readBoth()
    const [first] = reader.position?.state.properties ?? []
    reader.select(select(plan))
    expect(reader.isComplete).toBe(true)
    expect(reader.position?.state.properties).toEqual([{ ...plan, rows }])
    expect(reader.position?.state.properties?.[0]).toBe(first)
  })

  it('is incomplete with more until their snapshot, and keeps the known rows', () => {
    const reader = readBoth()
    const other = { event: 'a', property: 'b' }
    reader.select(select(plan, size, other))
    expect(reader.isComplete).toBe(false)
    expect(reader.position?.state.properties).toHaveLength(2)
    expect(reader.applyFrame({ p: 3, s: 4, at: 1, patch: {} })).toBe('gap')
    const properties = [{ ...other, rows: [] }, ...(reader.position?.state.properties ?? [])]
    expect(reader.applySnapshot(snapshotAt('7.3', { properties }))).toBe(true)
    expect(reader.isComplete).toBe(true)
  })

  it('replaces the rows of one property, and keeps the others', () => {
    const reader = readBoth()
    const known = reader.position?.state.properties?.[0]
    const patch = { properties: { set: [{ ...size, rows }] } }
    expect(reader.applyFrame({ p: 3, s: 4, at: 1, patch })).toBe('applied')
    expect(reader.position?.state.properties).toEqual([
      { ...plan, rows },
      { ...size, rows },
    ])
    expect(reader.position?.state.properties?.[0]).toBe(known)
  })
})
