import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { type Metric, type SiteMetric, metrics, siteMetrics } from './metrics.ts'
import type { MetricSources } from './sources.ts'

/** Value of the label `site` for the sites without a value of their own. Not a site ID. */
const otherSites = '(other)'

/** Durations from a tenth of a millisecond to ten seconds. */
const buckets = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5, 10]

/** The metrics of one server, in the text format of Prometheus. */
export interface Exporter {
  readonly contentType: string
  /** Returns all metrics. */
  render(): Promise<string>
  /** Receives the duration of each write of records to the log, in milliseconds. */
  onWritten(ms: number): void
  /** Receives the duration of each checkpoint, in milliseconds. */
  onSaved(ms: number): void
  /** Adds the metrics that are read at each request. */
  addSources(sources: MetricSources): void
}

/** @param maxSites sites with a value of their own of the label `site`, in the order in which they are first read */
export function createExporter(maxSites: number): Exporter {
  const registry = new Registry()
  const written = new Histogram({
    name: 'tidemark_log_write_duration_seconds',
    help: 'Time until records are durable, for each write.',
    buckets,
    registers: [registry],
  })
  const saved = new Histogram({
    name: 'tidemark_checkpoint_duration_seconds',
    help: 'Duration of the checkpoint of one site.',
    buckets,
    registers: [registry],
  })
  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    onWritten: ms => written.observe(ms / 1000),
    onSaved: ms => saved.observe(ms / 1000),
    addSources(sources) {
      const labelOf = createSiteLabels(maxSites)
      for (const metric of siteMetrics) addSiteMetric(registry, metric, sources, labelOf)
      for (const metric of metrics) addMetric(registry, metric, sources)
    },
  }
}

/** Creates the label of a site: its ID, or `(other)` beyond the limit. A site keeps its label. */
function createSiteLabels(maxSites: number): (id: string) => string {
  const labeled = new Set<string>()
  return id => {
    if (labeled.has(id)) return id
    if (labeled.size >= maxSites) return otherSites
    labeled.add(id)
    return id
  }
}

function addMetric(registry: Registry, metric: Metric, sources: MetricSources): void {
  const { name, help, labels = [], type, read } = metric
  const options = { name, help, labelNames: [...labels], registers: [] }
  const readings = (): Iterable<readonly [Readonly<Record<string, string>>, number]> => {
    const value = read(sources)
    return typeof value === 'number' ? [[{}, value]] : value
  }
  if (type === 'gauge') {
    const gauge = new Gauge({
      ...options,
      collect() {
        this.reset()
        for (const [of, value] of readings()) this.set({ ...of }, value)
      },
    })
    registry.registerMetric(gauge)
  } else {
    const counter = new Counter({
      ...options,
      collect() {
        this.reset()
        for (const [of, value] of readings()) this.inc({ ...of }, value)
      },
    })
    registry.registerMetric(counter)
  }
}

/** Adds a counter by site. It adds the increase of each site, so it does not fall when a site is evicted. */
function addSiteMetric(
  registry: Registry,
  metric: SiteMetric,
  { sites }: MetricSources,
  labelOf: (id: string) => string,
): void {
  const { name, help, labels = [], read } = metric
  /** The last value of each site and label. */
  let last = new Map<string, number>()
  const counter = new Counter({
    ...{ name, help, labelNames: ['site', ...labels], registers: [] },
    collect() {
      const current = new Map<string, number>()
      for (const site of sites()) {
        const value = read(site)
        const readings = typeof value === 'number' ? [[{}, value] as const] : value
        for (const [of, count] of readings) {
          const key = JSON.stringify([site.id, of])
          current.set(key, count)
          // After an eviction, a site of the same ID starts again.
          const before = last.get(key) ?? 0
          this.inc({ site: labelOf(site.id), ...of }, count >= before ? count - before : count)
        }
      }
      last = current
    },
  })
  registry.registerMetric(counter)
}
