import { type Socket, connect } from 'node:net'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'

/*
 * Sends mixed traffic and attacks to a server until standard input ends. Then writes the number of accepted events as
 * a line of JSON to standard output.
 */

export interface SoakReport {
  /** Events that the server has accepted. */
  accepted: number
  /** Answers of the attacks, by status. */
  refused: Record<string, number>
}

const [origin = '', site = 'shop'] = process.argv.slice(2)
const { hostname, port } = new URL(origin)
const base = `${origin}/api/sites/${site}`
const socketBase = `${base.replace('http:', 'ws:')}/realtime/ws`

let isRunning = true
let accepted = 0
const refused = new Map<number, number>()

const random = (below: number): number => Math.floor(Math.random() * below)
const randomAddress = (): string => `198.51.${random(100)}.${random(256)}`

/** Repeats a task at a rate until the load ends. A refused connection is one of the attacks' effects. */
async function repeat(everyMs: number, task: () => unknown): Promise<void> {
  while (isRunning) {
    try {
      await task()
    } catch {
      refused.set(0, (refused.get(0) ?? 0) + 1)
    }
    await sleep(everyMs * (0.5 + Math.random()))
  }
}

async function send(body: string, address: string): Promise<void> {
  const answer = await fetch(`${base}/events`, {
    method: 'POST',
    headers: { 'X-Forwarded-For': address },
    body,
  })
  if (answer.status === 202) accepted += ((await answer.json()) as { accepted: number }).accepted
  else await attackAnswer(answer)
}

async function attackAnswer(answer: Response): Promise<void> {
  refused.set(answer.status, (refused.get(answer.status) ?? 0) + 1)
  await answer.arrayBuffer()
}

function createBatch(paths: number, visitors: number): string {
  const events = Array.from({ length: 1 + random(8) }, () => ({
    name: random(5) === 0 ? 'purchase' : 'page_view',
    value: random(100),
    url: `https://shop.example/products/${random(paths)}`,
    referrer: 'https://www.google.com/',
  }))
  return JSON.stringify({ visitorId: `v${random(visitors)}`, events })
}

/** Visitors and dashboards, as on a normal day. */
function startTraffic(): void {
  for (let sender = 0; sender < 4; sender++) {
    void repeat(100, () => send(createBatch(500, 3000), randomAddress()))
  }
  for (let reader = 0; reader < 40; reader++) void repeat(20_000 + random(20_000), readSocket)
  for (let reader = 0; reader < 20; reader++) void repeat(2000, readByPoll)
  void repeat(3000, async () => {
    const to = Date.now()
    const query = `from=${to - 3_600_000}&to=${to}&granularity=minute&by=path&bucketLimit=20`
    await (await fetch(`${base}/metrics?${query}`)).arrayBuffer()
  })
}

async function readSocket(): Promise<void> {
  const socket = new WebSocket(socketBase, 'tidemark.v1')
  socket.on('error', () => {})
  socket.on('open', () => socket.send('{"type":"sub","id":1}'))
  socket.on('message', data => {
    if (String(data).includes('"type":"ping"')) socket.send('{"type":"pong"}')
  })
  await sleep(10_000 + random(20_000))
  socket.terminate()
}

async function readByPoll(): Promise<void> {
  await (await fetch(`${base}/realtime?channels=currentVisitors,activePages`)).arrayBuffer()
}

const badBodies = ['{', '[]', '[1]', '"x"', `{"events":${'['.repeat(20_000)}}`, '{"events":[{}]}']

function startAttacks(): void {
  void repeat(50, () => send(badBodies[random(badBodies.length)] ?? '', randomAddress()))
  void repeat(100, () => send('x'.repeat(600_000), '203.0.113.1'))
  // One address floods, and many names are used once.
  void repeat(5, () => send(createBatch(10, 10), '203.0.113.2'))
  void repeat(50, () => send(createBatch(1e9, 1e9), randomAddress()))
  void repeat(50, async () => attackAnswer(await fetch(`${origin}/api/${random(1e9)}/realtime`)))
  for (let each = 0; each < 50; each++) {
    void repeat(10, () =>
      holdSocket(`POST /api/sites/${site}/events HTTP/1.1\r\nHost: ${hostname}\r\n`),
    )
    const head = `Host: ${hostname}\r\nContent-Length: 400000\r\n\r\n${'x'.repeat(50_000)}`
    void repeat(10, () => holdSocket(`POST /api/sites/${site}/events HTTP/1.1\r\n${head}`))
  }
  // Pipelined requests whose answers nobody reads.
  const request = `GET /api/sites/${site}/realtime HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`
  for (let each = 0; each < 10; each++) void repeat(10, () => holdSocket(request.repeat(200), true))
  for (let each = 0; each < 5; each++) void repeat(10, holdDeafReader)
  void repeat(200, sendBadMessage)
}

/** Opens a connection, sends bytes, and waits until the server ends it. */
function holdSocket(bytes: string, isDeaf = false): Promise<void> {
  return untilClosed(connect(Number(port), hostname), socket => {
    socket.write(bytes)
    if (isDeaf) socket.pause()
    else socket.resume()
  })
}

function untilClosed(socket: Socket, begin: (socket: Socket) => void): Promise<void> {
  return new Promise(resolve => {
    const end = setInterval(() => isRunning || socket.destroy(), 500)
    socket.on('connect', () => begin(socket))
    socket.on('error', () => {})
    socket.on('close', () => {
      clearInterval(end)
      resolve()
    })
    // A deaf socket notices the end of the connection only when it reads.
    setTimeout(() => socket.destroy(), 60_000).unref()
  })
}

/** Subscribes to everything, and reads nothing. */
async function holdDeafReader(): Promise<void> {
  const socket = new WebSocket(socketBase, 'tidemark.v1')
  socket.on('error', () => {})
  socket.on('open', () => {
    socket.send('{"type":"sub","id":1}')
    socket.pause()
  })
  await sleep(30_000)
  socket.terminate()
}

const badMessages = ['x'.repeat(20_000), '{', '[]', '{"type":"sub","channels":"__proto__"}', '{}']

function sendBadMessage(): Promise<void> {
  return new Promise(resolve => {
    const socket = new WebSocket(socketBase, 'tidemark.v1')
    socket.on('error', () => {})
    socket.on('open', () => {
      for (const message of badMessages) socket.send(message)
      setTimeout(() => socket.terminate(), 1000)
    })
    socket.on('close', () => resolve())
  })
}

async function report(): Promise<void> {
  isRunning = false
  // Batches under way still get their answers.
  await sleep(2000)
  const result: SoakReport = { accepted, refused: Object.fromEntries(refused) }
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit())
}

startTraffic()
startAttacks()
process.stdin.resume()
process.stdin.on('end', () => void report())
