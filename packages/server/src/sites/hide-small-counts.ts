import type { Channels, ValueWindow } from '@tidemark/protocol'
import type { LiveSource, SiteChannel } from '../live/source.ts'

type Hide<Name extends SiteChannel> = (
  value: Readonly<Channels[Name]>,
  minCount: number,
) => Channels[Name]

/** How each channel hides counts below `minCount`. docs/server.md has the same rules as a table. */
const hiders: { readonly [Name in SiteChannel]: Hide<Name> } = {
  currentVisitors: hideTotal,
  activePages: (rows, min) => foldVisitors(rows, min, { path: '(other)' }),
  pageViews: hideTotal,
  // Each entry is one visitor. Options refuse the feed together with `minCount`.
  recentEvents: () => [],
  referrers: (rows, min) => foldVisitors(rows, min, { source: '(other)' }),
  countries: (rows, min) => foldVisitors(rows, min, { country: '(other)' }),
  devices: (rows, min) => foldVisitors(rows, min, { device: 'other' }),
  events: foldEvents,
  // One visitor may reach several goals, so the visitors of rows have no sum.
  goals: (rows, min) => rows.filter(({ visitors }) => visitors >= min),
  secondSeries: hideSeries,
  minuteSeries: hideSeries,
  values: (rows, min) =>
    rows
      .map(row => ({
        name: row.name,
        '1s': hideWindow(row['1s'], min),
        '5s': hideWindow(row['5s'], min),
        '1m': hideWindow(row['1m'], min),
      }))
      .filter(row => row['1m'].count > 0),
}

/**
 * Returns a source that hides counts below a minimum. Values keep their identity while those of the source do, so that
 * a stream finds no change between them.
 */
export function hideSmallCounts(source: LiveSource, minCount: number): LiveSource {
  const latest = new Map<string, { readonly value: unknown; readonly hidden: unknown }>()
  return {
    ...source,
    read(channel, minutes) {
      const key = `${channel}@${minutes}`
      const value = source.read(channel, minutes)
      const known = latest.get(key)
      if (known && known.value === value) return known.hidden
      // Each channel's reader returns the type of its channel.
      const hide = hiders[channel] as (value: unknown, minCount: number) => unknown
      const hidden = hide(value, minCount)
      latest.set(key, { value, hidden })
      return hidden
    },
    properties: {
      ...source.properties,
      rowsOf: property => source.properties.rowsOf(property, minCount),
    },
    visitorsOf: path => hideTotal(source.visitorsOf(path), minCount),
    observePages: listener =>
      source.observePages((path, visitors) => listener(path, hideTotal(visitors, minCount))),
  }
}

function hideTotal(count: number, minCount: number): number {
  return count < minCount ? 0 : count
}

interface VisitorRow {
  visitors: number
  rest?: true
}

/**
 * Adds small rows to the row for the rest, and leaves out a small rest. Each visitor is in one row.
 * @param names the name of the rest
 */
function foldVisitors<Row extends VisitorRow>(
  rows: readonly Row[],
  minCount: number,
  names: Omit<Row, keyof VisitorRow>,
): Row[] {
  const large = rows.filter(row => !row.rest && row.visitors >= minCount)
  const visitors = rows.reduce((sum, row) => sum + row.visitors, 0) - sumVisitors(large)
  return visitors < minCount ? large : [...large, { ...names, visitors, rest: true } as Row]
}

function sumVisitors(rows: readonly VisitorRow[]): number {
  return rows.reduce((sum, { visitors }) => sum + visitors, 0)
}

/** Adds small rows to the row for the rest, and leaves out a small rest. */
function foldEvents(rows: Readonly<Channels['events']>, minCount: number): Channels['events'] {
  const large = rows.filter(row => !row.rest && row.count >= minCount)
  const small = rows.filter(row => !large.includes(row))
  const count = small.reduce((sum, row) => sum + row.count, 0)
  return count < minCount ? large : [...large, { name: '(other)', count, rest: true }]
}

function hideSeries(
  rows: Readonly<Channels['minuteSeries']>,
  minCount: number,
): Channels['minuteSeries'] {
  return rows.map(row =>
    row.visitors < minCount ? { at: row.at, events: 0, pageViews: 0, visitors: 0 } : row,
  )
}

const emptyWindow: ValueWindow = {
  count: 0,
  sum: 0,
  mean: 0,
  min: 0,
  max: 0,
  last: 0,
  p50: 0,
  p75: 0,
  p90: 0,
  p95: 0,
  p99: 0,
  rate: 0,
}

function hideWindow(window: ValueWindow, minCount: number): ValueWindow {
  return window.count < minCount ? emptyWindow : window
}
