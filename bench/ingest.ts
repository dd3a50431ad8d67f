import { startServer } from './child.ts'
import { createRequests, sendAll } from './load.ts'
import { median, table } from './report.ts'

const rounds = 3
const connections = 32

type Kind = 'parse' | 'tidemark' | 'fsync'

/** Properties of each event. */
const loads = ['none', 'five'] as const
type LoadName = (typeof loads)[number]

interface Figure {
  eventsPerSecond: number
  /** The server's CPU time per event, in microseconds. */
  cpuUs: number
}

type Round = Record<LoadName, Record<Kind, Figure>>

/**
 * Measures ingest with all features, against a Hono app that only parses the same bodies and answers. Also measures
 * events with five properties against the same events without properties.
 */
export async function benchIngest(): Promise<void> {
  const rows: string[][] = []
  for (const { events, requests } of [
    { events: 100, requests: 10_000 },
    { events: 1, requests: 40_000 },
  ]) {
    const all = await measureAll(requests, events)
    for (const load of loads) rows.push([String(events), load, ...toCells(all, load)])
  }
  console.log(
    table(
      'Ingest: Tidemark (validation, SQLite log, deduplication, all tiers, frames) against a Hono app that only parses',
      [
        'events per request',
        'properties',
        'rate, ×',
        'with fsync, ×',
        'CPU per event, ×',
        'rate to no properties, ×',
        'CPU to no properties, ×',
        'baseline events/s',
        'Tidemark events/s',
      ],
      rows,
    ),
  )
}

function toCells(all: readonly Round[], load: LoadName): string[] {
  const ratio = (of: (round: Round) => number): string => median(all.map(of)).toFixed(2)
  const rate = (kind: Kind): string =>
    Math.round(median(all.map(round => round[load][kind].eventsPerSecond))).toLocaleString('en')
  return [
    ratio(({ [load]: { tidemark, parse } }) => tidemark.eventsPerSecond / parse.eventsPerSecond),
    ratio(({ [load]: { fsync, parse } }) => fsync.eventsPerSecond / parse.eventsPerSecond),
    ratio(({ [load]: { tidemark, parse } }) => tidemark.cpuUs / parse.cpuUs),
    ratio(
      ({ [load]: { tidemark }, none }) => tidemark.eventsPerSecond / none.tidemark.eventsPerSecond,
    ),
    ratio(({ [load]: { tidemark }, none }) => tidemark.cpuUs / none.tidemark.cpuUs),
    rate('parse'),
    rate('tidemark'),
  ]
}

/** Measures the servers and loads alternately, so that drift of the machine affects all of them. */
async function measureAll(requests: number, events: number): Promise<Round[]> {
  const all: Round[] = []
  for (let round = 0; round <= rounds; round++) {
    const first = round * requests
    const none = await measureKinds(createRequests({ requests, events, first }), events)
    const five = await measureKinds(
      createRequests({ requests, events, first, propertiesEvery: 1 }),
      events,
    )
    // The first round is a warm-up.
    if (round > 0) all.push({ none, five })
  }
  return all
}

async function measureKinds(
  bodies: readonly Buffer[],
  events: number,
): Promise<Record<Kind, Figure>> {
  return {
    parse: await measure('parse', bodies, events),
    tidemark: await measure('tidemark', bodies, events),
    fsync: await measure('fsync', bodies, events),
  }
}

async function measure(
  kind: Kind,
  requests: readonly Buffer[],
  eventsInEach: number,
): Promise<Figure> {
  const server = await startServer(kind)
  try {
    // The first half is a warm-up: V8 compiles during the first two seconds.
    const warmUp = Math.floor(requests.length / 2)
    await sendAll(server.port, requests.slice(0, warmUp), connections)
    const before = await server.usage()
    const tookMs = await sendAll(server.port, requests.slice(warmUp), connections)
    const after = await server.usage()
    const events = (requests.length - warmUp) * eventsInEach
    return {
      eventsPerSecond: events / (tookMs / 1000),
      cpuUs: ((after.cpuMs - before.cpuMs) * 1000) / events,
    }
  } finally {
    await server.close()
  }
}
