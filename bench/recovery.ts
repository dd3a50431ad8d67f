import { rm } from 'node:fs/promises'
import { createDataDir, startServer } from './child.ts'
import { createRequests, sendAll } from './load.ts'
import { median, table } from './report.ts'

const rounds = 3
const connections = 32
/** Both logs are complete at the kill: the first checkpoint, which trims the log, comes after half a minute. */
const cases = [
  { events: 100, requests: 10_000 },
  { events: 10, requests: 100_000 },
]

interface Figures {
  recovered: number
  /** Events per second. */
  ingestRate: number
  recoveryRate: number
}

/** Measures a start on the log of a killed server, against the ingest rate of the same events. */
export async function benchRecovery(): Promise<void> {
  const rows: string[][] = []
  for (const { events, requests } of cases) {
    const all: Figures[] = []
    for (let round = 0; round < rounds; round++) all.push(await measure(events, requests))
    const rate = (name: keyof Figures): string =>
      Math.round(median(all.map(each => each[name]))).toLocaleString('en')
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
      ['events per request', 'recovered', 'ingest, events/s', 'recovery, events/s', '×'],
      rows,
    ),
  )
}

async function measure(events: number, requests: number): Promise<Figures> {
  const dataDir = await createDataDir()
  try {
    const first = await startServer('tidemark', { dataDir })
    const tookMs = await sendAll(first.port, createRequests({ requests, events }), connections)
    await first.kill()
    const second = await startServer('tidemark', { dataDir })
    await second.close()
    const { recovered } = second
    if (!recovered) throw new Error('The server sent no recovery')
    return {
      recovered: recovered.events,
      ingestRate: (requests * events) / (tookMs / 1000),
      recoveryRate: recovered.events / (recovered.durationMs / 1000),
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}
