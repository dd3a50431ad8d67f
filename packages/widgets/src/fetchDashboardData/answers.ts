import { type Snapshot, channelNames, channels, isObject, parseCursor } from '@tidemark/protocol'

export type Granularity = 'second' | 'minute' | 'hour' | 'day'

export interface MetricsTotals {
  events: number
  pageViews: number
  /** Distinct: in a range, who came in several buckets is one. */
  visitors: number
  /** Sessions that began here, and those of them that never had a second event. */
  sessions: number
  bounces: number
  /** Bounces for each session, from 0 to 1; 0 where there are no sessions. */
  bounceRate: number
  /** Events of programs, which are in no other number. */
  botEvents: number
}

export interface MetricsBucket extends MetricsTotals {
  /** Start of the bucket, in milliseconds since 1970. */
  at: number
}

export interface DashboardMetrics {
  /** Start of the first bucket, in milliseconds since 1970. */
  from: number
  /** End of the last bucket. */
  to: number
  granularity: Granularity
  /** All of the range together. */
  totals: MetricsTotals
  /** Without gaps: where nothing happened there are zeros. */
  buckets: MetricsBucket[]
}

/** Whether an answer is a snapshot: what a proxy's login page, or an older server, is not. */
export function isSnapshot(answer: unknown): answer is Snapshot {
  if (!isObject(answer)) return false
  const { cursor, at, windowMinutes } = answer
  return (
    typeof cursor === 'string' &&
    parseCursor(cursor) !== undefined &&
    isNumber(at) &&
    isNumber(windowMinutes) &&
    channelNames.every(name => {
      const value = answer[name]
      if (value === undefined) return true
      return channels[name].kind === 'value' ? isNumber(value) : isListOf(value, isObject)
    })
  )
}

export function isMetrics(answer: unknown): answer is DashboardMetrics {
  if (!isObject(answer)) return false
  const { from, to, granularity, totals, buckets } = answer
  return (
    isNumber(from) &&
    isNumber(to) &&
    typeof granularity === 'string' &&
    isTotals(totals) &&
    isListOf(buckets, isBucket)
  )
}

const totalsFields: readonly (keyof MetricsTotals)[] = [
  'events',
  'pageViews',
  'visitors',
  'sessions',
  'bounces',
  'bounceRate',
  'botEvents',
]

function isTotals(value: unknown): value is MetricsTotals {
  return isObject(value) && totalsFields.every(field => isNumber(value[field]))
}

function isBucket(value: unknown): value is MetricsBucket {
  return isTotals(value) && 'at' in value && isNumber(value.at)
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

function isListOf<Item>(value: unknown, isItem: (item: unknown) => item is Item): value is Item[] {
  return Array.isArray(value) && value.every(isItem)
}
