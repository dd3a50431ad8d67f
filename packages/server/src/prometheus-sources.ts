import type { Connections } from './live/connections.ts'
import type { RunningServer } from './listen.ts'
import type { Reporter } from './logging/reporter.ts'
import type { SlowTurns } from './logging/slow-turns.ts'
import type { MetricSources, SiteNumbers } from './prometheus/sources.ts'
import type { MetricsAnswerer } from './routes/metrics.ts'
import type { Clock } from './shared/clock.ts'
import { readVersion } from './shared/version.ts'
import type { OpenSites } from './sites/open-sites.ts'
import { type ListedSite, maxSites } from './sites/registry.ts'
import type { SocketLimits } from './sockets/socket-limits.ts'

/** The parts of a server that metrics read. */
export interface MeteredParts {
  opened: Pick<OpenSites, 'sites' | 'log'>
  reporter: Pick<Reporter, 'counts'>
  slowTurns: Pick<SlowTurns, 'delay'>
  connections: Pick<Connections, 'limiter'>
  maxReadersPerSite: number
  limits: Pick<SocketLimits, 'maxOpen'>
  servers: readonly Pick<RunningServer, 'openSockets'>[]
  queries: Pick<MetricsAnswerer, 'counts'>
  clock: Pick<Clock, 'now'>
  isReady: () => boolean
}

export function toMetricSources(parts: MeteredParts): MetricSources {
  const { opened, reporter, slowTurns, connections, limits, servers, queries, clock } = parts
  const { sites, log } = opened
  return {
    version: readVersion(),
    *sites() {
      for (const each of sites.list()) yield toNumbers(each, log)
    },
    maxSites,
    reports: reporter.counts,
    loop: slowTurns.delay,
    readers: connections.limiter.count,
    maxReadersPerSite: parts.maxReadersPerSite,
    sockets: () => servers.reduce((total, { openSockets }) => total + openSockets, 0),
    maxSockets: limits.maxOpen,
    queries: () => queries.counts,
    log: () => ({
      pendingBytes: log.pending.bytes,
      maxPendingBytes: log.pending.maxBytes,
      lostWrites: log.damage.lostWrites,
    }),
    unsavedMs: () => clock.now() - (sites.unsavedSince ?? clock.now()),
    isReady: parts.isReady,
  }
}

const none: ReadonlyMap<string, number> = new Map()

function toNumbers({ id, state, site }: ListedSite, { store }: OpenSites['log']): SiteNumbers {
  const damaged = new Map<string, number>()
  for (const { tier } of store.damaged(id)) damaged.set(tier, (damaged.get(tier) ?? 0) + 1)
  return {
    id,
    accepted: site?.intake.accepted ?? 0,
    rejected: site?.intake.rejected ?? none,
    clamped: site?.intake.clamped ?? 0,
    otherHost: site?.intake.otherHost ?? 0,
    repeated: state.dedupe.repeated,
    unnumbered: state.dedupe.unnumbered,
    overflow: state.overflow,
    ring: site?.streams.ringSize ?? { frames: 0, bytes: 0 },
    damaged,
  }
}
