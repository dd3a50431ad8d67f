import { WebSocket } from 'ws'
import { type Child, startServer } from './child.ts'
import { median, table } from './report.ts'

const readers = 500
const rounds = 3
const frames = 40
const intervalMs = 250

/** Frames to many readers, against a bare `ws` server that sends everyone the same bytes. */
export async function benchFanout(): Promise<void> {
  const ratios: number[] = []
  const bare: number[] = []
  const ours: number[] = []
  for (let round = 0; round < rounds; round++) {
    const { cpuUs, frame } = await measureTidemark()
    const baseline = await measureBroadcast(frame)
    ratios.push(cpuUs / baseline)
    ours.push(cpuUs)
    bare.push(baseline)
  }
  console.log(
    table(
      `Fan-out: frames to ${readers} readers, 4 a second, against a bare ws broadcast of the same bytes`,
      ['CPU a delivery, ×', 'bare ws, µs', 'Tidemark, µs'],
      [[median(ratios).toFixed(2), median(bare).toFixed(1), median(ours).toFixed(1)]],
    ),
  )
}

async function measureTidemark(): Promise<{ cpuUs: number; frame: string }> {
  const server = await startServer('tidemark')
  const room = await openReaders(`ws://127.0.0.1:${server.port}/api/sites/bench/realtime/ws`)
  try {
    const sub = { type: 'sub', channels: ['currentVisitors', 'pageViews', 'recentEvents'] }
    for (const socket of room.sockets) socket.send(JSON.stringify(sub))
    let n = 0
    const cpuUs = await measure(server, room, () => {
      n++
      void fetch(`http://127.0.0.1:${server.port}/api/sites/bench/events`, {
        method: 'POST',
        body: JSON.stringify({
          name: 'page_view',
          visitorId: `v${n}`,
          url: `https://a.example/${n}`,
        }),
      }).then(response => response.arrayBuffer())
    })
    return { cpuUs, frame: room.last() }
  } finally {
    room.close()
    await server.close()
  }
}

async function measureBroadcast(frame: string): Promise<number> {
  const server = await startServer('broadcast')
  const room = await openReaders(`ws://127.0.0.1:${server.port}`)
  try {
    return await measure(server, room, () => server.broadcast(frame))
  } finally {
    room.close()
    await server.close()
  }
}

/** Processor time of the server for one delivered frame, in microseconds. */
async function measure(server: Child, room: Room, publish: () => void): Promise<number> {
  for (let frame = 0; frame < 4; frame++) await tick(publish)
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

interface Room {
  readonly sockets: readonly WebSocket[]
  /** Frames received by all readers together. */
  received(): number
  /** The last frame that a reader received. */
  last(): string
  close(): void
}

async function openReaders(url: string): Promise<Room> {
  let received = 0
  let last = ''
  const open = (): Promise<WebSocket> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(url, { perMessageDeflate: false })
      socket.on('message', data => {
        if (!Buffer.isBuffer(data)) return
        const text = data.toString()
        if (!text.includes('"type":"frame"')) return
        received++
        last = text
      })
      socket.on('open', () => resolve(socket))
      socket.on('error', reject)
    })
  const sockets: WebSocket[] = []
  for (let reader = 0; reader < readers; reader++) sockets.push(await open())
  return {
    sockets,
    received: () => received,
    last: () => last,
    close() {
      for (const socket of sockets) socket.terminate()
    },
  }
}
