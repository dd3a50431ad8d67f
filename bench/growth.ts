import { startServer } from './child.ts'
import { type Load, createRequests, sendAll } from './load.ts'
import { median, table } from './report.ts'

const rounds = 3
const connections = 32
const base = { requests: 30_000, events: 10, sites: 10, visitors: 2000, paths: 100 }

const cases: readonly (readonly [string, Load])[] = [
  ['10 sites, 2,000 visitors, 100 paths', base],
  ['ten times the sites', { ...base, sites: 100 }],
  ['ten times the visitors', { ...base, visitors: 20_000 }],
  ['ten times the paths', { ...base, paths: 1000 }],
]

/** Measures the CPU time per event with ten times more sites, visitors or paths. */
export async function benchGrowth(): Promise<void> {
  const costs = cases.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, [, load]] of cases.entries()) costs[index]?.push(await measure(load))
  }
  const rows = cases.map(([name], index) => {
    const ratios = costs[index]?.map((cost, round) => cost / (costs[0]?.[round] ?? NaN)) ?? []
    return [name, median(ratios).toFixed(2), median(costs[index] ?? []).toFixed(1)]
  })
  console.log(
    table(
      'Growth: CPU time per event, 10 events per request',
      ['', 'CPU per event, ×', 'µs'],
      rows,
    ),
  )
}

/** Returns the server's CPU time per event, in microseconds. */
async function measure(load: Load): Promise<number> {
  const server = await startServer('tidemark')
  try {
    const warmUp = load.requests / 3
    await sendAll(server.port, createRequests({ ...load, requests: warmUp }), connections)
    const rest = { ...load, requests: load.requests - warmUp, first: warmUp }
    const requests = createRequests(rest)
    const before = await server.usage()
    await sendAll(server.port, requests, connections)
    const after = await server.usage()
    return ((after.cpuMs - before.cpuMs) * 1000) / (rest.requests * load.events)
  } finally {
    await server.close()
  }
}
