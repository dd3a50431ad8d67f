import { type Child, startServer } from './child.ts'
import { type ReaderGroup, openSockets, openStreams } from './readers.ts'
import { median, table } from './report.ts'

const readers = 5000
const rounds = 3
/** Frames of one minute. In that time an active reader gets one ping; Socket.IO sends two or three. */
const frames = 240
/** Frames of ten seconds. By then V8 has collected the garbage of opening the connections. */
const warmUpFrames = 40
const intervalMs = 250

const channels = ['currentVisitors', 'pageViews', 'recentEvents']
const site = '/api/sites/bench'

/** Measures the CPU time of a frame's delivery to many readers, against peers that send the same bytes. */
export async function benchFanout(): Promise<void> {
  const costs = new Map<string, number[]>()
  const record = (name: string, cpuUs: number): void => {
    costs.set(name, [...(costs.get(name) ?? []), cpuUs])
  }
  for (let round = 0; round < rounds; round++) {
    const { cpuUs, frame } = await measureTidemark(port =>
      openSockets(
        readers,
        `ws://127.0.0.1:${port}${site}/realtime/ws`,
        JSON.stringify({ type: 'sub', channels }),
        text => (text.startsWith('{"type":"ping"') ? '{"type":"pong"}' : undefined),
      ),
    )
    record('Tidemark, WebSocket', cpuUs)
    record('bare ws', await measurePeer('broadcast', frame))
    record('Socket.IO with state recovery', await measurePeer('socketio', frame))
    const streams = await measureTidemark(port =>
      openStreams(readers, port, `${site}/realtime/sse?channels=${channels.join(',')}`),
    )
    record('Tidemark, event stream', streams.cpuUs)
  }
  const ratioTo = (name: string, base: string): string => {
    const baseCosts = costs.get(base) ?? []
    return median(
      (costs.get(name) ?? []).map((cost, round) => cost / (baseCosts[round] ?? NaN)),
    ).toFixed(2)
  }
  console.log(
    table(
      `Fan-out: CPU time per delivery, ${readers.toLocaleString('en')} readers, 4 frames/s`,
      ['', 'µs', '× bare ws', '× Socket.IO'],
      [...costs].map(([name, all]) => [
        name,
        median(all).toFixed(1),
        ratioTo(name, 'bare ws'),
        ratioTo(name, 'Socket.IO with state recovery'),
      ]),
    ),
  )
}

async function measureTidemark(
  open: (port: number) => Promise<ReaderGroup>,
): Promise<{ cpuUs: number; frame: string }> {
  const server = await startServer('tidemark')
  const room = await open(server.port)
  let n = 0
  try {
    const cpuUs = await measure(server, room, () => void sendView(server.port, ++n))
    return { cpuUs, frame: room.last().replace(/\n[^]*$/, '') }
  } finally {
    room.close()
    await server.close()
  }
}

/** Sends a page view of a new visitor. */
export async function sendView(port: number, n: number): Promise<void> {
  const event = { name: 'page_view', visitorId: `v${n}`, url: `https://a.example/${n}` }
  const init = { method: 'POST', body: JSON.stringify(event) }
  await fetch(`http://127.0.0.1:${port}${site}/events`, init).then(answer => answer.arrayBuffer())
}

async function measurePeer(kind: 'broadcast' | 'socketio', frame: string): Promise<number> {
  const server = await startServer(kind)
  const address = `ws://127.0.0.1:${server.port}`
  const room =
    kind === 'broadcast'
      ? await openSockets(readers, address)
      : // Engine.IO's packets: 40 connects, 2 is a ping, 3 is its answer.
        await openSockets(readers, `${address}/socket.io/?EIO=4&transport=websocket`, '40', text =>
          text === '2' ? '3' : undefined,
        )
  try {
    return await measure(server, room, () => server.broadcast(frame))
  } finally {
    room.close()
    await server.close()
  }
}

/** Returns the server's CPU time per delivered frame, in microseconds. */
async function measure(server: Child, room: ReaderGroup, publish: () => void): Promise<number> {
  for (let frame = 0; frame < warmUpFrames; frame++) await tick(publish)
  const before = await server.usage()
  const received = room.received()
  for (let frame = 0; frame < frames; frame++) await tick(publish)
  const after = await server.usage()
  return ((after.cpuMs - before.cpuMs) * 1000) / (room.received() - received)
}

function tick(publish: () => void): Promise<void> {
  publish()
  return new Promise(resolve => setTimeout(resolve, intervalMs + 10))
}
