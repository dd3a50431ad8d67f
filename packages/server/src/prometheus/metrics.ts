import process from 'node:process'
import type { MetricSources, SiteNumbers } from './sources.ts'

/** One value of a metric, with the values of its labels. */
export type Reading = readonly [labels: Readonly<Record<string, string>>, value: number]

/** A metric with values that are read at each request. */
export interface Metric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly labels?: readonly string[]
  readonly read: (sources: MetricSources) => number | Iterable<Reading>
}

/** A counter that each site has. Sites beyond the limit share the value `(other)` of the label `site`. */
export interface SiteMetric {
  readonly name: string
  readonly help: string
  readonly labels?: readonly string[]
  readonly read: (site: SiteNumbers) => number | Iterable<Reading>
}

const byLabel = (label: string, counts: ReadonlyMap<string, number>): Iterable<Reading> =>
  [...counts].map(([name, count]): Reading => [{ [label]: name }, count])

const transports = ['websocket', 'sse', 'long-poll'] as const

const ms = 1000

export const siteMetrics: readonly SiteMetric[] = [
  {
    name: 'tidemark_events_accepted_total',
    help: 'Accepted events, with repeated ones.',
    read: site => site.accepted,
  },
  {
    name: 'tidemark_events_rejected_total',
    help: 'Rejected events of accepted requests, by code.',
    labels: ['code'],
    read: site => byLabel('code', site.rejected),
  },
  {
    name: 'tidemark_events_repeated_total',
    help: 'Events that had been counted before.',
    read: site => site.repeated,
  },
  {
    name: 'tidemark_events_unnumbered_total',
    help: 'Events without client or number, which cannot be deduplicated.',
    read: site => site.unnumbered,
  },
  {
    name: 'tidemark_events_clamped_total',
    help: 'Events with a future timestamp, clamped to the arrival time.',
    read: site => site.clamped,
  },
  {
    name: 'tidemark_events_other_host_total',
    help: 'Events from pages of hosts that the site does not list.',
    read: site => site.otherHost,
  },
  {
    name: 'tidemark_overflow_total',
    help: 'Items that a bound of a site rejected or evicted, by kind.',
    labels: ['kind'],
    read: site => byLabel('kind', site.overflow),
  },
]

const serverMetrics: readonly Metric[] = [
  {
    name: 'tidemark_build_info',
    help: 'Always 1, with the versions of Tidemark and Node.',
    type: 'gauge',
    labels: ['version', 'node'],
    read: ({ version }) => [[{ version, node: process.versions.node }, 1]],
  },
  {
    name: 'tidemark_ready',
    help: 'Whether the server accepts events: 1 or 0.',
    type: 'gauge',
    read: ({ isReady }) => Number(isReady()),
  },
  {
    name: 'tidemark_sites',
    help: 'Sites with a state in memory.',
    type: 'gauge',
    read: ({ sites }) => [...sites()].length,
  },
  {
    name: 'tidemark_sites_limit',
    help: 'Most sites of the server.',
    type: 'gauge',
    read: ({ maxSites }) => maxSites,
  },
  {
    name: 'tidemark_refusals_total',
    help: 'Answers with an error, by code and route.',
    type: 'counter',
    labels: ['code', 'route'],
    read: ({ reports }) =>
      [...reports.refusals].flatMap(([code, routes]) =>
        [...routes].map(([route, count]): Reading => [{ code, route }, count]),
      ),
  },
  {
    name: 'tidemark_internal_errors_total',
    help: 'Unexpected errors.',
    type: 'counter',
    read: ({ reports }) => reports.internalErrors,
  },
  {
    name: 'tidemark_warnings_total',
    help: 'Conditions in the log, by kind.',
    type: 'counter',
    labels: ['kind'],
    read: ({ reports }) => byLabel('kind', reports.warnings),
  },
  {
    name: 'tidemark_clock_jumps_total',
    help: 'Jumps of the system clock by more than a minute.',
    type: 'counter',
    labels: ['direction'],
    read: ({ reports: { clockJumps } }) => [
      [{ direction: 'forward' }, clockJumps.forward],
      [{ direction: 'back' }, clockJumps.back],
    ],
  },
]

const connectionMetrics: readonly Metric[] = [
  {
    name: 'tidemark_readers',
    help: 'Open connections to readers, by transport.',
    type: 'gauge',
    labels: ['transport'],
    read: ({ readers }) =>
      transports.map((transport): Reading => [{ transport }, readers(transport)]),
  },
  {
    name: 'tidemark_readers_limit',
    help: 'Most connections to readers of one site.',
    type: 'gauge',
    read: ({ maxReadersPerSite }) => maxReadersPerSite,
  },
  {
    name: 'tidemark_sockets',
    help: 'Open TCP connections of the ports of the server.',
    type: 'gauge',
    read: ({ sockets }) => sockets(),
  },
  {
    name: 'tidemark_sockets_limit',
    help: 'Most open TCP connections of a port.',
    type: 'gauge',
    read: ({ maxSockets }) => maxSockets,
  },
  {
    name: 'tidemark_ring_frames',
    help: 'Stored frames of all sites, for readers that reconnect.',
    type: 'gauge',
    read: ({ sites }) => sum(sites(), ({ ring }) => ring.frames),
  },
  {
    name: 'tidemark_ring_bytes',
    help: 'Size of these frames.',
    type: 'gauge',
    read: ({ sites }) => sum(sites(), ({ ring }) => ring.bytes),
  },
  {
    name: 'tidemark_queries_running',
    help: 'Running history queries, by cost.',
    type: 'gauge',
    labels: ['cost'],
    read: ({ queries }) => byCost(queries(), ({ running }) => running),
  },
  {
    name: 'tidemark_queries_waiting',
    help: 'Waiting history queries, by cost.',
    type: 'gauge',
    labels: ['cost'],
    read: ({ queries }) => byCost(queries(), ({ waiting }) => waiting),
  },
  {
    name: 'tidemark_queries_running_limit',
    help: 'Most running history queries, by cost.',
    type: 'gauge',
    labels: ['cost'],
    read: ({ queries }) => byCost(queries(), ({ maxRunning }) => maxRunning),
  },
]

const storageMetrics: readonly Metric[] = [
  {
    name: 'tidemark_log_pending_bytes',
    help: 'Records that wait for the disk.',
    type: 'gauge',
    read: ({ log }) => log().pendingBytes,
  },
  {
    name: 'tidemark_log_pending_bytes_limit',
    help: 'Bytes beyond which events are refused; 0 without a limit.',
    type: 'gauge',
    read: ({ log }) => log().maxPendingBytes,
  },
  {
    name: 'tidemark_log_lost_writes_total',
    help: 'Damaged writes of the event log.',
    type: 'counter',
    read: ({ log }) => log().lostWrites,
  },
  {
    name: 'tidemark_damaged_buckets',
    help: 'Damaged ranges of stored history, by tier.',
    type: 'gauge',
    labels: ['tier'],
    read: ({ sites }) => {
      const counts = new Map(['minute', 'hour', 'day'].map(tier => [tier, 0]))
      for (const { damaged } of sites()) {
        for (const [tier, count] of damaged) counts.set(tier, (counts.get(tier) ?? 0) + count)
      }
      return byLabel('tier', counts)
    },
  },
  {
    name: 'tidemark_checkpoint_age_seconds',
    help: 'Age of the oldest change that is in no checkpoint.',
    type: 'gauge',
    read: ({ unsavedMs }) => unsavedMs() / ms,
  },
]

const processMetrics: readonly Metric[] = [
  {
    name: 'tidemark_event_loop_delay_seconds',
    help: 'Delay of the event loop in the last second.',
    type: 'gauge',
    labels: ['statistic'],
    read({ loop }) {
      const { meanMs, p99Ms, maxMs } = loop()
      return [
        [{ statistic: 'mean' }, meanMs / ms],
        [{ statistic: 'p99' }, p99Ms / ms],
        [{ statistic: 'max' }, maxMs / ms],
      ]
    },
  },
  {
    name: 'tidemark_slow_turns_total',
    help: 'Seconds with a turn of the event loop over 50 ms.',
    type: 'counter',
    read: ({ reports }) => reports.slowTurns,
  },
  {
    name: 'process_resident_memory_bytes',
    help: 'Resident memory of the process.',
    type: 'gauge',
    read: () => process.memoryUsage.rss(),
  },
  {
    name: 'nodejs_heap_size_used_bytes',
    help: 'Used heap of the main thread.',
    type: 'gauge',
    read: () => process.memoryUsage().heapUsed,
  },
  {
    name: 'process_cpu_seconds_total',
    help: 'Processor time of the process, of user and system.',
    type: 'counter',
    read() {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1e6
    },
  },
  {
    name: 'process_start_time_seconds',
    help: 'Start of the process, in seconds since 1970.',
    type: 'gauge',
    read: () => Math.round(performance.timeOrigin / ms),
  },
]

export const metrics: readonly Metric[] = [
  ...serverMetrics,
  ...connectionMetrics,
  ...storageMetrics,
  ...processMetrics,
]

function sum(sites: Iterable<SiteNumbers>, valueOf: (site: SiteNumbers) => number): number {
  let total = 0
  for (const site of sites) total += valueOf(site)
  return total
}

function byCost<Numbers>(
  { light, heavy }: { readonly light: Numbers; readonly heavy: Numbers },
  valueOf: (numbers: Numbers) => number,
): Reading[] {
  return [
    [{ cost: 'light' }, valueOf(light)],
    [{ cost: 'heavy' }, valueOf(heavy)],
  ]
}
