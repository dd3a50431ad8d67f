import { connect } from 'node:net'

/**
 * Sends ready-made HTTP requests over a few keep-alive connections, one at a time on each, and resolves
 * when all have been answered. It does next to nothing itself, so that what is measured is the server.
 * @returns how long it took, in milliseconds
 */
export async function sendAll(
  port: number,
  requests: readonly Buffer[],
  connections: number,
): Promise<number> {
  const startedAt = performance.now()
  let next = 0
  const work = Array.from(
    { length: connections },
    () =>
      new Promise<void>((resolve, reject) => {
        const socket = connect(port, '127.0.0.1')
        socket.setNoDelay(true)
        const sendNext = (): void => {
          const request = requests[next++]
          if (request) socket.write(request)
          else socket.end(resolve)
        }
        socket.on('connect', sendNext)
        // The answers are small enough to come in one piece.
        socket.on('data', data => {
          if (data.subarray(9, 12).toString() !== '202') reject(new Error(data.toString()))
          else sendNext()
        })
        socket.on('error', reject)
      }),
  )
  await Promise.all(work)
  return performance.now() - startedAt
}

/** Requests that nobody has sent before: each of a client of its own, of one of 50,000 visitors. */
export function makeRequests(count: number, eventsInEach: number, run: number): Buffer[] {
  const now = Date.now()
  return Array.from({ length: count }, (_, request) => {
    const events = Array.from({ length: eventsInEach }, (_each, n) => ({
      n: n + 1,
      name: n % 4 === 3 ? 'add_to_cart' : 'page_view',
      timestamp: now,
      url: `https://shop.example/products/${(request * 7 + n * 13) % 500}`,
      title: 'A product',
      ...(n % 4 === 3 && { value: n, properties: { colour: 'blue', size: n } }),
    }))
    const body = JSON.stringify({
      client: `${run}-${request}`,
      visitorId: `visitor-${(request * 31) % 50_000}`,
      sentAt: now,
      referrer: 'https://www.example.org/',
      events,
    })
    const head = [
      'POST /api/sites/bench/events HTTP/1.1',
      'Host: 127.0.0.1',
      'Content-Type: text/plain',
      'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      `Content-Length: ${Buffer.byteLength(body)}`,
    ]
    return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
  })
}
