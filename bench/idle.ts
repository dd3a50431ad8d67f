import { once } from 'node:events'
import { type AddressInfo, type Server, connect, createServer } from 'node:net'
import { WebSocket } from 'ws'
import { startServer } from './child.ts'
import { table } from './report.ts'

const seconds = 60
const pollMs = 5000
const waitSeconds = 25
const query = 'channels=currentVisitors,activePages,pageViews,recentEvents&minutes=5'
const site = '/api/sites/bench/realtime'

/** Measures the traffic of one reader while nothing changes, including headers. */
export async function benchIdle(): Promise<void> {
  const server = await startServer('tidemark')
  const over = new AbortController()
  try {
    const rows = await Promise.all(
      Object.entries(idleReaders).map(([name, idle]) => measure(name, server.port, idle, over)),
    )
    console.log(
      table(
        'Idle: traffic of one reader in a minute without changes',
        ['', 'requests', 'bytes up', 'bytes down'],
        rows,
      ),
    )
  } finally {
    over.abort()
    await server.close()
  }
}

/** Reads until the signal aborts, and calls `request` for each request. */
type IdleReader = (base: string, request: () => void, over: AbortSignal) => Promise<void>

const idleReaders: Readonly<Record<string, IdleReader>> = {
  async poll(base, request, over) {
    let etag = ''
    while (!over.aborted) {
      request()
      const headers = etag === '' ? {} : { 'If-None-Match': etag }
      const answer = await fetch(`${base}?${query}`, { headers, signal: over })
      await answer.arrayBuffer()
      etag = answer.headers.get('ETag') ?? ''
      await new Promise(resolve => setTimeout(resolve, pollMs))
    }
  },
  async 'long-poll'(base, request, over) {
    request()
    const first = await fetch(`${base}?${query}`, { signal: over })
    let { cursor } = (await first.json()) as { cursor: string }
    while (!over.aborted) {
      request()
      const url = `${base}/frames?${query}&since=${cursor}&wait=${waitSeconds}`
      const answer = await fetch(url, { signal: over })
      cursor = ((await answer.json()) as { to: string }).to
    }
  },
  async 'event stream'(base, request, over) {
    request()
    const { body } = await fetch(`${base}/sse?${query}`, { signal: over })
    for await (const piece of body ?? []) if (piece.length === 0) return
  },
  async WebSocket(base, request, over) {
    request()
    const socket = new WebSocket(`${base.replace('http', 'ws')}/ws`, { perMessageDeflate: false })
    over.addEventListener('abort', () => socket.terminate())
    socket.on('message', data => {
      const isPing = Buffer.isBuffer(data) && data.toString().startsWith('{"type":"ping"')
      if (isPing) socket.send('{"type":"pong"}')
    })
    await once(socket, 'open')
    socket.send(
      `{"type":"sub","channels":["currentVisitors","activePages","pageViews","recentEvents"]}`,
    )
    await once(socket, 'close')
  },
}

async function measure(
  name: string,
  port: number,
  idle: IdleReader,
  over: AbortController,
): Promise<string[]> {
  const counts = { requests: 0, up: 0, down: 0 }
  const proxy = await openProxy(port, counts)
  const { port: proxyPort } = proxy.address() as AddressInfo
  const reading = idle(`http://127.0.0.1:${proxyPort}${site}`, () => counts.requests++, over.signal)
  reading.catch((error: unknown) => {
    if (!over.signal.aborted) throw error
  })
  await new Promise(resolve => setTimeout(resolve, seconds * 1000))
  proxy.close()
  const { requests, up, down } = counts
  return [name, ...[requests, up, down].map(count => count.toLocaleString('en'))]
}

/** Opens a proxy that counts the bytes in both directions. */
async function openProxy(target: number, counts: { up: number; down: number }): Promise<Server> {
  const proxy = createServer(near => {
    const far = connect(target, '127.0.0.1')
    near.on('data', data => {
      counts.up += data.length
      far.write(data)
    })
    far.on('data', data => {
      counts.down += data.length
      near.write(data)
    })
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('close', () => other.destroy())
      one.on('error', () => other.destroy())
    }
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return proxy
}
