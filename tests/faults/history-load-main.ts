import process from 'node:process'
import { createInterface } from 'node:readline'
import { createTidemark } from '@tidemark/server'

/*
 * Runs a server, and measures it between the lines `start` and `report` of standard input. Writes the address of the
 * server, then a measurement for each `report`.
 */

/** Load of the server's process. */
export interface ServerLoad {
  /** Largest resident memory above that at the start, in MiB. */
  growthMiB: number
  /** Longest turn of the event loop, in milliseconds of CPU time: other processes do not count. */
  maxTurnMs: number
}

const sampleMs = 10

const tidemark = createTidemark({ storage: { dataDir: process.argv[2] ?? '' } })
const { url } = await tidemark.listen({ port: 0 })
await tidemark.ready
process.stdout.write(`${url}\n`)

let isMeasuring = false
let idle = 0
let peak = 0
let maxTurnMs = 0
let turnStart = process.threadCpuUsage()

function measureTurn(): void {
  if (!isMeasuring) return
  const { user, system } = process.threadCpuUsage(turnStart)
  maxTurnMs = Math.max(maxTurnMs, (user + system) / 1000)
  turnStart = process.threadCpuUsage()
  setImmediate(measureTurn)
}

setInterval(() => void (peak = Math.max(peak, process.memoryUsage.rss())), sampleMs)

for await (const line of createInterface({ input: process.stdin })) {
  isMeasuring = line === 'start'
  if (isMeasuring) {
    idle = process.memoryUsage.rss()
    peak = idle
    maxTurnMs = 0
    turnStart = process.threadCpuUsage()
    setImmediate(measureTurn)
  } else {
    const load: ServerLoad = { growthMiB: (peak - idle) / 2 ** 20, maxTurnMs }
    process.stdout.write(`${JSON.stringify(load)}\n`)
  }
}
