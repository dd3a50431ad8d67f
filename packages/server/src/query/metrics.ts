import { problem } from '../http/problem.ts'
import type { MinuteBucket } from '../rollup/minutes.ts'
import type { RankedName } from '../rollup/ranking.ts'

const minuteMs = 60_000
/** As many as there are in what is kept: 48 hours. */
const maxBuckets = 2880

/** What history is read from. */
export interface MinuteHistory {
  minute(at: number): MinuteBucket | undefined
}

export type Breakdown = 'path' | 'name'

export interface MetricsBucket {
  /** Start, in milliseconds since 1970. */
  at: number
  events: number
  pageViews: number
  /** With `by=path` page views by path, with `by=name` events by name; most first. */
  rows?: (
    { path: string; pageViews: number; rest?: true } | { name: string; events: number; rest?: true }
  )[]
}

/** The body of `GET metrics`. The range is half-open: it begins at `from` and ends before `to`. */
export interface MetricsAnswer {
  from: number
  to: number
  granularity: 'minute'
  by?: Breakdown
  /** One for each minute, with zeros where nothing happened. */
  buckets: MetricsBucket[]
}

interface MetricsQuery {
  from: number
  to: number
  by: Breakdown | undefined
}

/** `GET metrics`: the history of a site by minutes. */
export function answerMetrics(history: MinuteHistory, request: Request, now: number): Response {
  const query = readQuery(new URL(request.url).searchParams, now)
  if (typeof query === 'string') return problem('query_invalid', { detail: query })
  const { from, to, by } = query
  const buckets: MetricsBucket[] = []
  for (let at = from; at < to; at += minuteMs) buckets.push(toBucket(at, history.minute(at), by))
  const answer: MetricsAnswer = { from, to, granularity: 'minute', ...(by && { by }), buckets }
  return Response.json(answer, { headers: { 'Cache-Control': 'private, no-cache' } })
}

/** The query, or one sentence that says what is wrong with it. */
function readQuery(query: URLSearchParams, now: number): MetricsQuery | string {
  const granularity = query.get('granularity') ?? 'minute'
  if (granularity !== 'minute') return '`granularity` takes `minute`.'
  const by = query.get('by') ?? undefined
  if (by !== undefined && by !== 'path' && by !== 'name') return '`by` takes `path` or `name`.'
  const to = readTime(query.get('to')) ?? now + minuteMs
  const from = readTime(query.get('from')) ?? to - 60 * minuteMs
  if (Number.isNaN(from) || Number.isNaN(to)) {
    return '`from` and `to` take milliseconds since 1970, or ISO 8601: a day, or a time with its zone.'
  }
  const first = Math.floor(from / minuteMs) * minuteMs
  if (to <= from) return '`to` has to be after `from`.'
  if ((to - first) / minuteMs > maxBuckets) return `A range by minutes has at most ${maxBuckets}.`
  return { from: first, to: Math.ceil(to / minuteMs) * minuteMs, by }
}

/** A day, or a time that says its zone: `Date.parse` takes it for the server's own, and prose for dates. */
const isoTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/

/** Milliseconds since 1970; `undefined` for nothing, NaN for what is no time. */
function readTime(text: string | null): number | undefined {
  if (text === null) return undefined
  if (/^\d{1,15}$/.test(text)) return Number(text)
  return isoTime.test(text) ? Date.parse(text) : Number.NaN
}

function toBucket(
  at: number,
  bucket: MinuteBucket | undefined,
  by: Breakdown | undefined,
): MetricsBucket {
  const { events = 0, pageViews = 0 } = bucket ?? {}
  if (by === 'path') {
    const rows = ranked(bucket?.paths).map(({ name, count, rest }) => ({
      path: name,
      pageViews: count,
      ...(rest && { rest }),
    }))
    return { at, events, pageViews, rows }
  }
  if (by === 'name') {
    const rows = ranked(bucket?.names).map(({ name, count, rest }) => ({
      name,
      events: count,
      ...(rest && { rest }),
    }))
    return { at, events, pageViews, rows }
  }
  return { at, events, pageViews }
}

function ranked(counts: MinuteBucket['paths'] | undefined): RankedName[] {
  if (!counts) return []
  const rows = [...counts.counts]
    .toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([name, count]) => ({ name, count, rest: false }))
  return counts.other > 0 ? [...rows, { name: '(other)', count: counts.other, rest: true }] : rows
}
