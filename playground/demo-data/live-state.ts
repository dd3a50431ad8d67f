import type { Channels, FeedEntry, SeriesRow, ValueRow, ValueWindow } from '@tidemark/protocol'
import { randomOf } from './random.ts'

const minuteMs = 60_000

/** Live state of a shop with 42 visitors, at a time in milliseconds since 1970. */
export function liveStateAt(now: number): Channels {
  return {
    currentVisitors: 42,
    activePages: [
      { path: '/boots', visitors: 17 },
      { path: '/', visitors: 9 },
      { path: '/jackets/alpine-shell', visitors: 6 },
      { path: '/sale', visitors: 4 },
      { path: '/checkout', visitors: 3 },
      { path: '/blog/winter-guide', visitors: 2 },
      { path: '/stores', visitors: 1 },
    ],
    pageVisitors: [],
    properties: [],
    pageViews: 156,
    recentEvents: feedAt(now),
    referrers: [
      { source: '(direct)', visitors: 15 },
      { source: 'google.com', visitors: 12 },
      { source: 'reddit.com', visitors: 7 },
      { source: 'newsletter', visitors: 5 },
      { source: 'bing.com', visitors: 3 },
    ],
    countries: [
      { country: 'DE', visitors: 14 },
      { country: 'US', visitors: 9 },
      { country: 'FR', visitors: 6 },
      { country: 'JP', visitors: 5 },
      { country: 'BR', visitors: 4 },
      { country: 'SG', visitors: 3 },
      { country: 'AU', visitors: 1 },
    ],
    devices: [
      { device: 'mobile', visitors: 23 },
      { device: 'desktop', visitors: 17 },
      { device: 'tablet', visitors: 2 },
    ],
    events: [
      { name: 'page_view', count: 156 },
      { name: 'add_to_cart', count: 23 },
      { name: 'search', count: 18 },
      { name: 'download', count: 6 },
      { name: 'sign_up', count: 4 },
    ],
    goals: [
      { goal: 'Added to cart', count: 23, visitors: 19 },
      { goal: 'Order placed', count: 7, visitors: 7 },
      { goal: 'Signed up', count: 4, visitors: 4 },
    ],
    secondSeries: seriesAt(now, 1000, 60, 3),
    minuteSeries: seriesAt(now, minuteMs, 60, 34),
    values: [valueRow('requests_per_second', 412), valueRow('response_time', 86)],
  }
}

/** Buckets that end with the current one. */
function seriesAt(now: number, stepMs: number, count: number, mean: number): SeriesRow[] {
  const last = Math.floor(now / stepMs) * stepMs
  return Array.from({ length: count }, (_, index) => {
    const at = last - (count - 1 - index) * stepMs
    const wave = 1 + 0.35 * Math.sin(index / 7) + 0.5 * (randomOf(index + mean) - 0.5)
    const pageViews = Math.round(mean * wave)
    return {
      at,
      pageViews,
      events: Math.round(pageViews * 1.4),
      visitors: Math.ceil(pageViews / 2),
    }
  })
}

/** Entries from newest to oldest, without id and time. */
const entries: readonly Omit<FeedEntry, 'id' | 'timestamp'>[] = [
  { type: 'pageview', name: 'page_view', path: '/boots', title: 'Boots', country: 'FR' },
  { type: 'goal', goal: 'Order placed', name: 'order', path: '/checkout', country: 'DE' },
  { type: 'event', name: 'add_to_cart', path: '/jackets/alpine-shell', country: 'US' },
  { type: 'pageview', name: 'page_view', path: '/blog/winter-guide', country: 'JP' },
  { type: 'outbound', name: 'outbound', path: '/stores', country: 'DE' },
  { type: 'pageview', name: 'page_view', path: '/sale', title: 'Winter sale', country: 'BR' },
  { type: 'download', name: 'download', path: '/size-guide.pdf', country: 'SG' },
  { type: 'pageview', name: 'page_view', path: '/', title: 'Home', country: 'DE' },
]

function feedAt(now: number): FeedEntry[] {
  return entries.map((entry, index) => ({
    ...entry,
    id: `1-${entries.length - index}`,
    device: index % 3 === 0 ? 'mobile' : 'desktop',
    timestamp: now - index * index * 3000,
  }))
}

function valueRow(name: string, mean: number): ValueRow {
  const window = (factor: number, count: number): ValueWindow => {
    const scaled = (share: number): number => Math.round(mean * factor * share)
    return {
      count,
      sum: scaled(1) * count,
      mean: scaled(1),
      min: scaled(0.42),
      max: scaled(2.9),
      last: scaled(1.04),
      p50: scaled(0.92),
      p75: scaled(1.2),
      p90: scaled(1.6),
      p95: scaled(1.9),
      p99: scaled(2.6),
      rate: 12,
    }
  }
  return { name, '1s': window(1.02, 12), '5s': window(1, 60), '1m': window(0.96, 720) }
}
