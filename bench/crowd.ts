import { type Child, startServer } from './child.ts'
import { sendView } from './fanout.ts'
import { type Room, openSockets } from './readers.ts'
import { table } from './report.ts'

const readers = 5000
const stalled = 50
const seconds = 20
const intervalMs = 250

const channels = ['currentVisitors', 'pageViews', 'recentEvents']

/** Whether a crowd of dashboards is served in step, and what those who do not read do to the others. */
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
      ...(room.stall(stalled), await watch(server, room, [`${stalled} do not read`])),
    ]
    const full = await server.usage()
    const kib = ((full.rssMiB - empty.rssMiB) * 1024) / readers
    console.log(
      table(
        `${readers.toLocaleString('en')} dashboards, 4 frames a second: from a frame's time to its reader, by the same clock; ${kib.toFixed(0)} KiB resident a connection`,
        ['', 'p50, ms', 'p99, ms', 'processor busy, %'],
        rows,
      ),
    )
  } finally {
    room.close()
    await server.close()
  }
}

async function watch(server: Child, room: Room, names: readonly string[]): Promise<string[][]> {
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

function quantile(values: readonly number[], q: number): string {
  const sorted = Float64Array.from(values).toSorted()
  return (sorted[Math.floor(sorted.length * q)] ?? NaN).toFixed(0)
}
