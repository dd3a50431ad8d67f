import { startServer } from './child.ts'
import { createRequests, sendAll } from './load.ts'
import { median, table } from './report.ts'

const rounds = 3
const connections = 32

interface Figure {
  eventsPerSecond: number
  /** The server's CPU time per event, in microseconds. */
  cpuUs: number
}

const serverKinds = ['parse', 'tidemark', 'fsync'] as const

/** Measures ingest with all features, against a Hono app that only parses the same bodies and answers. */
export async function benchIngest(): Promise<void> {
  const rows: string[][] = []
  for (const { events, requests } of [
    { events: 100, requests: 10_000 },
    { events: 1, requests: 40_000 },
  ]) {
    const figures = await measureAll(requests, events)
    const [parse, tidemark, fsync] = serverKinds.map(kind => figures.map(round => round[kind]))
    if (!parse || !tidemark || !fsync) continue
    rows.push([
      String(events),
      ratio(tidemark, parse, 'eventsPerSecond'),
      ratio(fsync, parse, 'eventsPerSecond'),
      ratio(tidemark, parse, 'cpuUs'),
      Math.round(median(parse.map(each => each.eventsPerSecond))).toLocaleString('en'),
      Math.round(median(tidemark.map(each => each.eventsPerSecond))).toLocaleString('en'),
    ])
  }
  console.log(
    table(
      'Ingest: Tidemark (validation, SQLite log, deduplication, all tiers, frames) against a Hono app that only parses',
      [
        'events per request',
        'rate, ×',
        'with fsync, ×',
        'CPU per event, ×',
        'baseline events/s',
        'Tidemark events/s',
      ],
      rows,
    ),
  )
}

type Round = Record<(typeof serverKinds)[number], Figure>

/** Measures the servers alternately, so that drift of the machine affects all of them. */
async function measureAll(requests: number, events: number): Promise<Round[]> {
  const figures: Round[] = []
  for (let round = 0; round <= rounds; round++) {
    const bodies = createRequests({ requests, events, first: round * requests })
    const figure = {
      parse: await measure('parse', bodies, events),
      tidemark: await measure('tidemark', bodies, events),
      fsync: await measure('fsync', bodies, events),
    }
    // The first round is a warm-up.
    if (round > 0) figures.push(figure)
  }
  return figures
}

function ratio(figures: readonly Figure[], base: readonly Figure[], name: keyof Figure): string {
  return median(figures.map((each, round) => each[name] / (base[round]?.[name] ?? NaN))).toFixed(2)
}

async function measure(
  kind: (typeof serverKinds)[number],
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
