import type { ChannelName, Snapshot } from '@tidemark/protocol'
import type { SiteConfig } from '../config.ts'
import { fetchMetrics } from '../fetchMetrics/fetchMetrics.ts'
import type { Granularity, MetricsSeries } from '../fetchMetrics/metrics.ts'
import {
  type SnapshotOfList,
  type SnapshotQuery,
  fetchSnapshot,
} from '../fetchSnapshot/fetchSnapshot.ts'
import type { RequestOptions } from '../request/request-json.ts'

export interface DashboardRealtimeQuery<
  Name extends ChannelName = ChannelName,
> extends SnapshotQuery<Name> {
  realtime: true
}

export interface DashboardMetricsQuery extends RequestOptions {
  realtime?: false
  /** Start of the range: a date, or milliseconds since 1970. @default 24 hours before `endDate` */
  startDate?: Date | number
  /** End of the range. @default now */
  endDate?: Date | number
  /** Length of a bucket. @default 'minute' */
  granularity?: Granularity
}

const dayMs = 86_400_000

/**
 * Reads the data of a dashboard once: the live state with `{ realtime: true }`, else the metrics of a
 * time range, by default the last 24 hours by minutes.
 *
 * @throws {TidemarkError} when the server refuses, does not answer, or is not a Tidemark server
 */
export function fetchDashboardData<const List extends readonly ChannelName[]>(
  config: SiteConfig,
  query: DashboardRealtimeQuery & { channels: List },
): Promise<{ realtime: SnapshotOfList<List> }>
export function fetchDashboardData(
  config: SiteConfig,
  query: DashboardRealtimeQuery,
): Promise<{ realtime: Snapshot }>
export function fetchDashboardData(
  config: SiteConfig,
  query?: DashboardMetricsQuery,
): Promise<{ metrics: MetricsSeries }>
export async function fetchDashboardData(
  config: SiteConfig,
  query: DashboardRealtimeQuery | DashboardMetricsQuery = {},
): Promise<{ realtime: Snapshot } | { metrics: MetricsSeries }> {
  if (query.realtime) return { realtime: await fetchSnapshot(config, query) }
  const { startDate, endDate, granularity = 'minute', ...options } = query
  const to = Number(endDate ?? Date.now())
  const from = Number(startDate ?? to - dayMs)
  return { metrics: await fetchMetrics(config, { ...options, from, to, granularity }) }
}
