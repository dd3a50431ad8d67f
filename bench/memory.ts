import { startBuilt } from './built.ts'
import { createRequests, sendAll } from './load.ts'
import { table } from './report.ts'

const connections = 32
const sites = 100
const visitors = 1_000_000
/** Ten million events of a million visitors with one client each, then five million events of the same. */
const passes = [
  { n: 1, requests: visitors },
  { n: 11, requests: visitors / 2 },
]
const events = 10
const chunk = 5000
const rowEvery = 2_500_000

/** Measures the resident memory of `tidemark serve` with a million visitors on a hundred sites. */
export async function benchMemory(): Promise<void> {
  await measure('no event has properties')
  await measure('a tenth of the events have five properties', 10)
}

async function measure(name: string, propertiesEvery?: number): Promise<void> {
  const server = await startBuilt()
  const rows: string[][] = []
  let sent = 0
  const startedAt = performance.now()
  const row = async (): Promise<void> => {
    const rssMiB = await server.rssMiB()
    const seconds = (performance.now() - startedAt) / 1000
    rows.push([
      (sent / 1e6).toFixed(1),
      Math.round(rssMiB).toLocaleString('en'),
      Math.round(sent / seconds).toLocaleString('en'),
    ])
  }
  try {
    await row()
    for (const { n, requests } of passes) {
      for (let first = 0; first < requests; first += chunk) {
        const load = {
          ...{ requests: chunk, events, first, n, sites, visitors },
          ...(propertiesEvery !== undefined && { propertiesEvery }),
        }
        await sendAll(server.port, createRequests(load), connections)
        sent += chunk * events
        if (sent % rowEvery === 0) await row()
      }
    }
  } finally {
    await server.close()
  }
  console.log(
    table(
      `Memory: ten million events of a million visitors and clients on 100 sites, then five million of the same; ${name}`,
      ['million events', 'resident, MiB', 'events/s so far'],
      rows,
    ),
  )
}
