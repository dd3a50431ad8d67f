import { formatProperty } from './event-property.ts'
import { readerLimits } from './limits.ts'
import type { PropertyValues, ValueRow } from './value-rows.ts'

/** An active page and its number of active visitors. */
export interface ActivePage {
  path: string
  visitors: number
  /** Marks the row that sums everything below the listed rows; its path is `(other)`. */
  rest?: true
}

/** A page of the selection's `paths` and its number of active visitors, which may be 0. */
export interface PageVisitors {
  path: string
  visitors: number
}

/** `goal` if the event reaches a goal; otherwise by the event's name. */
export type FeedEntryType = 'pageview' | 'event' | 'outbound' | 'download' | 'goal'

/** One event of the feed. */
export interface FeedEntry {
  /** Position of the event in the log, as `offset-index`: unique and growing with arrival. */
  id: string
  type: FeedEntryType
  /** Name of the reached goal, of the first one in the site's configuration; only an entry of the type `goal` has it. */
  goal?: string
  /** Name of the event, such as `page_view` or `sign_up`. */
  name: string
  path?: string
  title?: string
  /** Host of an outbound link, or file name of a download; only their entries have it. */
  target?: string
  /** Two-letter code of ISO 3166-1. */
  country?: string
  device?: Device
  /** Time of the event, in milliseconds since 1970. */
  timestamp: number
}

export type Device =
  'desktop' | 'mobile' | 'tablet' | 'tv' | 'console' | 'headset' | 'car' | 'bot' | 'other'

export interface SourceRow {
  /** Host of the referrer or tag of the link, `(direct)` or `(unknown)`. */
  source: string
  visitors: number
  rest?: true
}

export interface CountryRow {
  /** Two-letter code of ISO 3166-1, or `(unknown)`. */
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

/** The live state of a site, with one key per channel. A reader holds the channels of its selection. */
export interface Channels {
  /** Visitors with an event or a visible heartbeat in the active window, 5 minutes by default. */
  currentVisitors: number
  /** Active visitors by page. Each is on exactly one page, so the rows sum to `currentVisitors`. */
  activePages: ActivePage[]
  /** Active visitors of the selection's `paths`: one row for each path, in the order of the paths. */
  pageVisitors: PageVisitors[]
  /** The selection's `properties`, each with its values in the current day of the server's time zone. */
  properties: PropertyValues[]
  /** Page views in the last `minutes`. */
  pageViews: number
  /** The latest events, newest first. */
  recentEvents: FeedEntry[]
  /** Active visitors by referrer; the rows sum to `currentVisitors`. */
  referrers: SourceRow[]
  /** Active visitors by country; the rows sum to `currentVisitors`. */
  countries: CountryRow[]
  /** Active visitors by device; the rows sum to `currentVisitors`. */
  devices: DeviceRow[]
  /**
   * Events by name in the last `minutes`: at most 50 names, and the rest row. A name without a row may be part of the
   * rest row.
   */
  events: EventRow[]
  /** Goals reached in the last `minutes`. */
  goals: GoalRow[]
  /** The last minute, by second. */
  secondSeries: SeriesRow[]
  /** The last hour, by minute. */
  minuteSeries: SeriesRow[]
  /** Aggregates of numeric values, by event name. */
  values: ValueRow[]
}

export type ChannelName = keyof Channels
export type Rows<Name extends ChannelName> = Channels[Name] extends (infer Row)[] ? Row : never

/** Key, order and bound of a list channel. Server and readers use the same specification. */
export interface RowsSpec<Row> {
  readonly kind: 'rows'
  /** Whether the channel depends on the selection's `minutes`. */
  readonly windowed: boolean
  readonly keyOf: (row: Row) => string
  readonly compare: (a: Row, b: Row) => number
  /** Largest number of rows. Rows beyond it are removed from the end without an entry in a patch. */
  readonly maxRows?: number
}

export interface ValueSpec {
  readonly kind: 'value'
  readonly windowed: boolean
}

export type ChannelSpec<Name extends ChannelName> = Channels[Name] extends (infer Row)[]
  ? RowsSpec<Row>
  : ValueSpec

/** Compares by Unicode code unit, so that the result does not depend on machine or locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Key of the rest row. Cleaned text cannot contain it, so a path named `(other)` has another key. */
const restKey = '\u0000rest'

/** Specifies rows in descending order of a count, with ties in order of names, and the rest row last. */
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

/** Compares entry ids by offset, then by index: `"12-3"` sorts after `"12-2"` and after `"9-40"`. */
export function compareEntryIds(a: string, b: string): number {
  // `parseInt` stops at the hyphen. This runs often: `split` would take most of the time of applying a frame.
  return Number.parseInt(a, 10) - Number.parseInt(b, 10) || entryIndex(a) - entryIndex(b)
}

function entryIndex(id: string): number {
  return Number(id.slice(id.indexOf('-') + 1))
}

/** The specification of each channel, in canonical order. */
export const channels: { readonly [Name in ChannelName]: ChannelSpec<Name> } = {
  currentVisitors: { kind: 'value', windowed: false },
  activePages: ranked(
    row => row.path,
    row => row.visitors,
    false,
  ),
  pageVisitors: {
    kind: 'rows',
    windowed: false,
    keyOf: row => row.path,
    compare: (a, b) => compareText(a.path, b.path),
  },
  properties: {
    kind: 'rows',
    windowed: false,
    keyOf: formatProperty,
    compare: (a, b) => compareText(formatProperty(a), formatProperty(b)),
  },
  pageViews: { kind: 'value', windowed: true },
  recentEvents: {
    kind: 'rows',
    windowed: false,
    keyOf: entry => entry.id,
    compare: (a, b) => compareEntryIds(b.id, a.id),
    maxRows: readerLimits.maxFeedEntries,
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

/** Names of all channels, in canonical order. */
export const channelNames: readonly ChannelName[] = Object.keys(channels) as ChannelName[]

/** The state of a reader: the channels of its selection. */
export type State = Partial<Channels>

/** The body of `GET realtime`: always the complete state of the selection, never a delta. */
export interface Snapshot extends State {
  /** Cursor of this state, as text; see `Cursor`. */
  cursor: string
  /** Time of the last change, in milliseconds since 1970 by the server's clock. */
  at: number
  /** Window of the windowed channels, in minutes. */
  windowMinutes: number
}
