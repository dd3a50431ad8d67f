import { startServer } from './child.ts'
import { makeRequests, sendAll } from './load.ts'
import { median, table } from './report.ts'

const rounds = 3
const connections = 32

interface Figure {
  eventsPerSecond: number
  /** Processor time of the server for one event, in microseconds. */
  cpuUs: number
}

const kinds = ['parse', 'tidemark', 'fsync'] as const

/** Ingest with everything on, against a Hono app that parses the same bodies and answers. */
export async function benchIngest(): Promise<void> {
  const rows: string[][] = []
  for (const { events, requests } of [
    { events: 100, requests: 10_000 },
    { events: 1, requests: 40_000 },
  ]) {
    const figures = await measureAll(requests, events)
    const [parse, tidemark, fsync] = kinds.map(kind => figures.map(round => round[kind]))
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
      'Ingest: Tidemark (validation, SQLite log, dedupe, all tiers, frames) against a Hono app that only parses',
      [
        'events in a request',
        'rate, ×',
        'with fsync, ×',
        'CPU an event, ×',
        'baseline events/s',
        'Tidemark events/s',
      ],
      rows,
    ),
  )
}

type Round = Record<(typeof kinds)[number], Figure>

/** In turns, so that the drift of the machine falls on all of them. */
async function measureAll(requests: number, events: number): Promise<Round[]> {
  const figures: Round[] = []
  for (let round = 0; round <= rounds; round++) {
    const bodies = makeRequests({ requests, events, first: round * requests })
    const figure = {
      parse: await measure('parse', bodies, events),
      tidemark: await measure('tidemark', bodies, events),
      fsync: await measure('fsync', bodies, events),
    }
    // The first round only warms up the machine.
    if (round > 0) figures.push(figure)
  }
  return figures
}

function ratio(of: readonly Figure[], to: readonly Figure[], what: keyof Figure): string {
  return median(of.map((each, round) => each[what] / (to[round]?.[what] ?? NaN))).toFixed(2)
}

async function measure(
  kind: (typeof kinds)[number],
  requests: readonly Buffer[],
  eventsInEach: number,
): Promise<Figure> {
  const server = await startServer(kind)
  try {
    // Half goes ahead: V8 compiles for the first two seconds, and a server lives longer.
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
