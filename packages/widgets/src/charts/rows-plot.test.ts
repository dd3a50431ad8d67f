import { expect, it } from 'vitest'
import { axisKind, rowsPlot } from './rows-plot.ts'

const names = (plot: ReturnType<typeof rowsPlot>) =>
  Array.from({ length: plot.count }, (_, index) => plot.nameOf(index).replaceAll('\u202f', ' '))

function plotOf(rows: readonly { x?: unknown; y?: unknown }[], kind: 'line' | 'bar' = 'line') {
  const values = [{ key: 'y', label: 'Y' }] as const
  return rowsPlot({ kind, rows, xKey: 'x', values, locale: 'en', timeZone: 'UTC' })
}

it.each<[string, unknown[]]>([
  ['time', [new Date(0), new Date(5)]],
  ['time', ['2026-11-22', '2026-11-23T10:00Z', null]],
  ['number', [1, 2n]],
  ['name', ['a', 'b']],
  ['name', ['2026-11-22', 'b']],
  ['name', [1, 'b']],
  ['name', [null]],
  ['name', []],
])('axisKind: is %s for %o', (kind, xs) => {
  expect(
    axisKind(
      xs.map(x => ({ x })),
      'x',
    ),
  ).toBe(kind)
})

it('rowsPlot: sorts times, and names them in the zone', () => {
  const rows = [
    { x: new Date('2026-11-24T11:00Z'), y: 2 },
    { x: '2026-11-24T10:00Z', y: 1 },
    { x: null, y: 5 },
  ]
  const plot = plotOf(rows)
  expect(names(plot)).toEqual(['Tue, Nov 24, 10:00 AM', 'Tue, Nov 24, 11:00 AM'])
  expect(plot.series[0]?.values).toEqual([1, 2])
})

it('rowsPlot: names dates by their own day, whatever the zone of the reader', () => {
  const rows = [{ day: '2026-11-22' }, { day: '2026-11-23' }]
  const plot = rowsPlot({ kind: 'bar', rows, xKey: 'day', values: [], locale: 'en' })
  expect(names(plot)).toEqual(['Sun, Nov 22, 2026', 'Mon, Nov 23, 2026'])
})

it('rowsPlot: places unevenly spaced numbers of a line by their value', () => {
  const rows = [0, 1, 10].map(x => ({ x, y: x }))
  expect(plotOf(rows).positions).toEqual([0, 0.1, 1])
  expect(plotOf(rows, 'bar').positions).toBeUndefined()
  expect(plotOf([0, 5, 10].map(x => ({ x }))).positions).toBeUndefined()
})

it('rowsPlot: keeps names in their order, also repeated and missing ones', () => {
  const plot = plotOf([{ x: 'b', y: 1 }, { x: 'a', y: '2' }, { x: 'b', y: 3n }, { y: null }])
  expect(names(plot)).toEqual(['b', 'a', 'b', '–'])
  expect(plot.series[0]?.values).toEqual([1, 2, 3, undefined])
  expect(new Set([0, 1, 2, 3].map(plot.keyOf)).size).toBe(4)
})

it('rowsPlot: shortens long names below the axis only', () => {
  const plot = plotOf([{ x: 'Samsung Internet Browser', y: 1 }], 'bar')
  expect(plot.ticks(100)).toEqual([{ index: 0, text: 'Samsung Inter…' }])
  expect(plot.nameOf(0)).toBe('Samsung Internet Browser')
})

it('rowsPlot: draws at most the last 3,660 rows', () => {
  const plot = plotOf(Array.from({ length: 5000 }, (_, x) => ({ x, y: x })))
  expect(plot.count).toBe(3660)
  expect(plot.series[0]?.values.at(-1)).toBe(4999)
})

it('rowsPlot: is empty without rows', () => {
  const plot = plotOf([])
  expect(plot.count).toBe(0)
  expect(plot.ticks(50)).toEqual([])
})
