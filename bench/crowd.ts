import { type Child, startServer } from './child.ts'
import { sendView } from './fanout.ts'
import { type ReaderGroup, openSockets } from './readers.ts'
import { quantile, table } from './report.ts'

const readers = 5000
const stalled = 50
const seconds = 20
const intervalMs = 250

const channels = ['currentVisitors', 'pageViews', 'recentEvents']

/** Measures frame latency for many dashboards, and the effect of readers that stop reading. */
export async function benchCrowd(): Promise<void> {
  const server = await startServer('tidemark')
  const empty = await server.usage()
  const room = await openSockets(
    readers,
    `ws://127.0.0.1:${server.port}/api/sites/bench/realtime/ws`,
    JSON.stringify({ type: 'sub', channels }),
    text => (text.startsWith('{"type":"ping"') ? '{"type":"pong"}' : undefined),
  )
  try {
    const rows = [
      ...(await watch(server, room, ['first third', 'second third', 'last third'])),
      ...(room.stall(stalled), await watch(server, room, [`${stalled} stalled readers`])),
    ]
    const full = await server.usage()
    const kib = ((full.rssMiB - empty.rssMiB) * 1024) / readers
    console.log(
      table(
        `Crowd: ${readers.toLocaleString('en')} dashboards, 4 frames/s, time from a frame to its reader; ${kib.toFixed(0)} KiB resident per connection`,
        ['', 'p50, ms', 'p99, ms', 'CPU, %'],
        rows,
      ),
    )
  } finally {
    room.close()
    await server.close()
  }
}

async function watch(
  server: Child,
  room: ReaderGroup,
  names: readonly string[],
): Promise<string[][]> {
  let lags: number[] = []
  let n = Math.floor(Math.random() * 1e9)
  room.onFrame(text => {
    lags.push(Date.now() - Number(/"at":(\d+)/.exec(text)?.[1]))
  })
  const rows: string[][] = []
  for (const name of names) {
    lags = []
    const before = await server.usage()
    const startedAt = performance.now()
    for (let frame = 0; frame < (seconds * 1000) / intervalMs; frame++) {
      void sendView(server.port, ++n)
      await new Promise(resolve => setTimeout(resolve, intervalMs))
    }
    const after = await server.usage()
    const busy = (after.cpuMs - before.cpuMs) / (performance.now() - startedAt)
    rows.push([name, quantile(lags, 0.5), quantile(lags, 0.99), String(Math.round(busy * 100))])
  }
  return rows
}
