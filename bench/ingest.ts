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

/** Ingest with everything on, against a Hono app that parses the same bodies and answers. */
export async function benchIngest(): Promise<void> {
  const rows: string[][] = []
  for (const { events, requests } of [
    { events: 100, requests: 600 },
    { events: 1, requests: 6000 },
  ]) {
    const parse: Figure[] = []
    const tidemark: Figure[] = []
    // In turns, so that the drift of the machine falls on both.
    for (let round = 0; round <= rounds; round++) {
      const bodies = makeRequests(requests, events, round)
      const figures = [
        await measure('parse', bodies, events),
        await measure('tidemark', bodies, events),
      ]
      // The first round only warms up the machine.
      if (round === 0) continue
      if (figures[0]) parse.push(figures[0])
      if (figures[1]) tidemark.push(figures[1])
    }
    const rate = median(
      tidemark.map((each, i) => each.eventsPerSecond / (parse[i]?.eventsPerSecond ?? NaN)),
    )
    const cpu = median(tidemark.map((each, i) => each.cpuUs / (parse[i]?.cpuUs ?? NaN)))
    rows.push([
      String(events),
      rate.toFixed(2),
      cpu.toFixed(2),
      Math.round(median(parse.map(each => each.eventsPerSecond))).toLocaleString('en'),
      Math.round(median(tidemark.map(each => each.eventsPerSecond))).toLocaleString('en'),
    ])
  }
  console.log(
    table(
      'Ingest: Tidemark (validation, SQLite log, dedupe, roll-up, frames) against a Hono app that only parses',
      [
        'events in a request',
        'rate, ×',
        'CPU an event, ×',
        'baseline events/s',
        'Tidemark events/s',
      ],
      rows,
    ),
  )
}

async function measure(
  kind: 'parse' | 'tidemark',
  requests: readonly Buffer[],
  eventsInEach: number,
): Promise<Figure> {
  const server = await startServer(kind)
  try {
    // A tenth goes ahead, so that compiled code is what is measured.
    const warmUp = Math.floor(requests.length / 10)
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
