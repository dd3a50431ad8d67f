import { type Snapshot, channelNames, channels, isObject, parseCursor } from '@tidemark/protocol'

export type Granularity = 'second' | 'minute' | 'hour' | 'day'

export interface MetricsBucket {
  /** Start of the bucket, in milliseconds since 1970. */
  at: number
  events: number
  pageViews: number
}

export interface DashboardMetrics {
  /** Start of the first bucket, in milliseconds since 1970. */
  from: number
  /** End of the last bucket. */
  to: number
  granularity: Granularity
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
  const { from, to, granularity, buckets } = answer
  return (
    isNumber(from) && isNumber(to) && typeof granularity === 'string' && isListOf(buckets, isBucket)
  )
}

function isBucket(value: unknown): value is MetricsBucket {
  return (
    isObject(value) &&
    isNumber(value['at']) &&
    isNumber(value['events']) &&
    isNumber(value['pageViews'])
  )
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

function isListOf<Item>(value: unknown, isItem: (item: unknown) => item is Item): value is Item[] {
  return Array.isArray(value) && value.every(isItem)
}
