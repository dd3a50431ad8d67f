import { Agent, get } from 'node:http'

/*
 * Queries the last hour by minute and, alternately, the health endpoint, in a process of its own:
 * `node query-client.ts METRICS_URL HEALTH_URL`. On each message it sends the durations to its parent, in milliseconds.
 */

export interface QueryTimes {
  metrics: number[]
  /** Durations of `GET /health`: the baseline of any answer. */
  health: number[]
}

const [, , metrics = '', health = ''] = process.argv
const everyMs = 20
const agent = new Agent({ keepAlive: true })
let times: QueryTimes = { metrics: [], health: [] }

process.on('message', () => {
  process.send?.(times)
  times = { metrics: [], health: [] }
})
process.on('disconnect', () => process.exit())

async function timeOf(url: string): Promise<number> {
  const startedAt = performance.now()
  await new Promise((resolve, reject) => {
    const request = get(url, { agent }, answer => answer.resume().on('end', resolve))
    request.on('error', reject)
  })
  return performance.now() - startedAt
}

async function ask(): Promise<void> {
  const to = Date.now()
  const range = `from=${to - 3_600_000}&to=${to}&granularity=minute`
  times.metrics.push(await timeOf(`${metrics}?${range}`))
  await new Promise(resolve => setTimeout(resolve, everyMs / 2))
  times.health.push(await timeOf(health))
  setTimeout(() => void ask(), everyMs / 2)
}

await ask()
