import { rm } from 'node:fs/promises'
import { makeDataDir, startServer } from './child.ts'
import { makeRequests, sendAll } from './load.ts'
import { median, table } from './report.ts'

const rounds = 3
const connections = 32
/** Of both the log is whole when the server is killed: the first checkpoint forgets its records after half a minute. */
const cases = [
  { events: 100, requests: 10_000 },
  { events: 10, requests: 100_000 },
]

interface Figures {
  recovered: number
  /** Events a second. */
  ingestRate: number
  recoveryRate: number
}

/** A start on the log of a server that was killed with -9, against how fast the same events came in. */
export async function benchRecovery(): Promise<void> {
  const rows: string[][] = []
  for (const { events, requests } of cases) {
    const all: Figures[] = []
    for (let round = 0; round < rounds; round++) all.push(await measure(events, requests))
    const rate = (what: keyof Figures): string =>
      Math.round(median(all.map(each => each[what]))).toLocaleString('en')
    rows.push([
      String(events),
      rate('recovered'),
      rate('ingestRate'),
      rate('recoveryRate'),
      median(all.map(each => each.recoveryRate / each.ingestRate)).toFixed(2),
    ])
  }
  console.log(
    table(
      'Recovery: a start after kill -9, against the ingest of the same events',
      ['events in a request', 'recovered', 'ingest, events/s', 'recovery, events/s', '×'],
      rows,
    ),
  )
}

async function measure(events: number, requests: number): Promise<Figures> {
  const dataDir = await makeDataDir()
  try {
    const first = await startServer('tidemark', { dataDir })
    const tookMs = await sendAll(first.port, makeRequests({ requests, events }), connections)
    await first.kill()
    const second = await startServer('tidemark', { dataDir })
    await second.close()
    const { recovered } = second
    if (!recovered) throw new Error('The server did not say what it found')
    return {
      recovered: recovered.events,
      ingestRate: (requests * events) / (tookMs / 1000),
      recoveryRate: recovered.events / (recovered.durationMs / 1000),
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}
