import { limits } from './limits.ts'

/** A page on which visitors are right now. */
export interface ActivePage {
  path: string
  visitors: number
  /** The row that holds everything below the listed ones; its path is `(other)`. */
  rest?: true
}

export type FeedEntryType = 'pageview' | 'event' | 'outbound' | 'download' | 'goal'

/** One event in the feed. */
export interface FeedEntry {
  /** Where the event is in the log, as `offset-index`: unique, and growing with arrival. */
  id: string
  type: FeedEntryType
  /** The event's name: `page_view`, `sign_up`, ... */
  name: string
  path?: string
  title?: string
  /** Two letters of ISO 3166-1. */
  country?: string
  device?: Device
  /** When it happened, in milliseconds since 1970. */
  timestamp: number
}

export type Device = 'desktop' | 'mobile' | 'tablet' | 'tv' | 'bot' | 'other'

export interface SourceRow {
  /** Host of the page that led here, or `(direct)`. */
  source: string
  visitors: number
  rest?: true
}

export interface CountryRow {
  /** Two letters of ISO 3166-1, or `(unknown)`. */
  country: string
  visitors: number
  rest?: true
}

export interface DeviceRow {
  device: Device
  visitors: number
  rest?: true
}

export interface EventRow {
  name: string
  count: number
  rest?: true
}

export interface GoalRow {
  goal: string
  count: number
  visitors: number
  rest?: true
}

/** One bucket of a series. */
export interface SeriesRow {
  /** Start of the bucket, in milliseconds since 1970. */
  at: number
  events: number
  pageViews: number
  visitors: number
}

/** Aggregates of an event's `value` over one window; `rate` is in events a second. */
export interface ValueWindow {
  count: number
  sum: number
  mean: number
  min: number
  max: number
  p50: number
  p90: number
  p95: number
  p99: number
  rate: number
}

export interface ValueRow {
  name: string
  '1s': ValueWindow
  '5s': ValueWindow
  '1m': ValueWindow
}

/** The live state of a site: one key for each channel. A reader holds the channels it selected. */
export interface Channels {
  /** Visitors with an event or a visible heartbeat in the active window, 5 minutes by default. */
  currentVisitors: number
  /** Where they are. Each is on one page, so the rows sum to `currentVisitors`. */
  activePages: ActivePage[]
  /** Page views in the last `minutes`. */
  pageViews: number
  /** The last events, newest first. */
  recentEvents: FeedEntry[]
  /** What led the active visitors here; sums to `currentVisitors`. */
  referrers: SourceRow[]
  /** Where in the world the active visitors are; sums to `currentVisitors`. */
  countries: CountryRow[]
  /** What the active visitors hold in their hands; sums to `currentVisitors`. */
  devices: DeviceRow[]
  /** Events by name in the last `minutes`. */
  events: EventRow[]
  /** Goals reached in the last `minutes`. */
  goals: GoalRow[]
  /** The last minute by seconds. */
  secondSeries: SeriesRow[]
  /** The last hour by minutes. */
  minuteSeries: SeriesRow[]
  /** Numeric values by event name. */
  values: ValueRow[]
}

export type ChannelName = keyof Channels
export type Rows<Name extends ChannelName> = Channels[Name] extends (infer Row)[] ? Row : never

/** How a list channel is keyed, ordered and bounded, at the server and at every reader alike. */
export interface RowsSpec<Row> {
  readonly kind: 'rows'
  /** Whether the channel depends on the selection's `minutes`. */
  readonly windowed: boolean
  readonly keyOf: (row: Row) => string
  readonly compare: (a: Row, b: Row) => number
  /** Rows beyond this fall off the end without being said. */
  readonly maxRows?: number
}

export interface ValueSpec {
  readonly kind: 'value'
  readonly windowed: boolean
}

export type ChannelSpec<Name extends ChannelName> = Channels[Name] extends (infer Row)[]
  ? RowsSpec<Row>
  : ValueSpec

/** By Unicode code unit, so that every machine and locale agrees. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** No text that a user can name has this key, so a path called `(other)` is not the rest row. */
const restKey = '\u0000rest'

/** Most first, ties by name, the rest row last. */
function ranked<Row extends { rest?: true }>(
  nameOf: (row: Row) => string,
  countOf: (row: Row) => number,
  windowed: boolean,
): RowsSpec<Row> {
  return {
    kind: 'rows',
    windowed,
    keyOf: row => (row.rest ? restKey : nameOf(row)),
    compare: (a, b) =>
      Number(a.rest ?? false) - Number(b.rest ?? false) ||
      countOf(b) - countOf(a) ||
      compareText(nameOf(a), nameOf(b)),
  }
}

const series: RowsSpec<SeriesRow> = {
  kind: 'rows',
  windowed: false,
  keyOf: row => String(row.at),
  compare: (a, b) => a.at - b.at,
}

/** `"12-3"` sorts after `"12-2"` and after `"9-40"`: first by offset, then by index. */
export function compareEntryIds(a: string, b: string): number {
  const [aOffset = 0, aIndex = 0] = a.split('-').map(Number)
  const [bOffset = 0, bIndex = 0] = b.split('-').map(Number)
  return aOffset - bOffset || aIndex - bIndex
}

/** The channels, in their canonical order. */
export const channels: { readonly [Name in ChannelName]: ChannelSpec<Name> } = {
  currentVisitors: { kind: 'value', windowed: false },
  activePages: ranked(
    row => row.path,
    row => row.visitors,
    false,
  ),
  pageViews: { kind: 'value', windowed: true },
  recentEvents: {
    kind: 'rows',
    windowed: false,
    keyOf: entry => entry.id,
    compare: (a, b) => compareEntryIds(b.id, a.id),
    maxRows: limits.maxFeedEntries,
  },
  referrers: ranked(
    row => row.source,
    row => row.visitors,
    false,
  ),
  countries: ranked(
    row => row.country,
    row => row.visitors,
    false,
  ),
  devices: ranked(
    row => row.device,
    row => row.visitors,
    false,
  ),
  events: ranked(
    row => row.name,
    row => row.count,
    true,
  ),
  goals: ranked(
    row => row.goal,
    row => row.count,
    true,
  ),
  secondSeries: series,
  minuteSeries: series,
  values: {
    kind: 'rows',
    windowed: false,
    keyOf: row => row.name,
    compare: (a, b) => compareText(a.name, b.name),
  },
}

export const channelNames: readonly ChannelName[] = [
  'currentVisitors',
  'activePages',
  'pageViews',
  'recentEvents',
  'referrers',
  'countries',
  'devices',
  'events',
  'goals',
  'secondSeries',
  'minuteSeries',
  'values',
]

/** What a reader holds: the channels of its selection. */
export type State = Partial<Channels>

/** The body of `GET realtime`: always the whole state of the selection, never a delta. */
export interface Snapshot extends State {
  /** Names this state; see `Cursor`. */
  cursor: string
  /** When the state became this, in milliseconds since 1970 by the server's clock. */
  at: number
  /** What `minutes` the windowed channels are for. */
  windowMinutes: number
}
