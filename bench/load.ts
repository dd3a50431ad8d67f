import { connect } from 'node:net'

/**
 * Sends prepared HTTP requests over keep-alive connections, one at a time on each, and resolves after the last
 * answer. It does very little work, so that the measurement shows the server.
 * @param perSecond highest rate of requests. @default as fast as they are answered
 * @returns the duration, in milliseconds
 */
export async function sendAll(
  port: number,
  requests: readonly Buffer[],
  connections: number,
  perSecond = Infinity,
): Promise<number> {
  const startedAt = performance.now()
  const dueInMs = (request: number): number =>
    startedAt + (request / perSecond) * 1000 - performance.now()
  let next = 0
  const work = Array.from(
    { length: connections },
    () =>
      new Promise<void>((resolve, reject) => {
        const socket = connect(port, '127.0.0.1')
        socket.setNoDelay(true)
        const sendNext = (): void => {
          const request = requests[next++]
          const waitMs = dueInMs(next)
          if (!request) socket.end(resolve)
          else if (waitMs > 1) setTimeout(() => socket.write(request), waitMs)
          else socket.write(request)
        }
        socket.on('connect', sendNext)
        // Each answer is small enough for one chunk.
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

export interface Load {
  /** Number of requests. */
  requests: number
  /** Events per request. */
  events: number
  /** Number of the first request. Each request has its own client. @default 0 */
  first?: number
  /** Number of sites. @default 1, named `bench` */
  sites?: number
  /** @default 50,000 */
  visitors?: number
  /** @default 500 */
  paths?: number
  /** Number of the first event of each client. @default 1 */
  n?: number
  /** Time of the events, in milliseconds since 1970. @default now */
  at?: number
  /** One of this many events has five properties; 1 for every event. @default no event has properties */
  propertiesEvery?: number
}

/** Creates requests with new clients and event numbers. */
export function createRequests(load: Load): Buffer[] {
  const { requests, events: eventsInEach, first = 0, n: firstN = 1 } = load
  const { sites = 1, visitors = 50_000, paths = 500 } = load
  const now = Date.now()
  const { at = now, propertiesEvery } = load
  return Array.from({ length: requests }, (_, index) => {
    const request = first + index
    const events = Array.from({ length: eventsInEach }, (_each, n) => ({
      n: firstN + n,
      name: n % 4 === 3 ? 'add_to_cart' : 'page_view',
      timestamp: at,
      url: `https://shop.example/products/${(request * 7 + n * 13) % paths}`,
      title: 'A product',
      ...(n % 4 === 3 && { value: n }),
      // By the request too, so that the properties are not always those of the same event of a batch.
      ...(propertiesEvery !== undefined &&
        (request + n) % propertiesEvery === 0 && {
          properties: toProperties(request, request * eventsInEach + n),
        }),
    }))
    const body = JSON.stringify({
      client: `client-${request}`,
      visitorId: `visitor-${(request * 31) % visitors}`,
      sentAt: now,
      referrer: 'https://www.example.org/',
      events,
    })
    const site = request % sites
    const head = [
      `POST /api/sites/bench${site === 0 ? '' : site}/events HTTP/1.1`,
      'Host: 127.0.0.1',
      'Content-Type: text/plain',
      'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      `Content-Length: ${Buffer.byteLength(body)}`,
    ]
    return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
  })
}

const plans = ['free', 'pro', 'team']
const currencies = ['EUR', 'USD', 'GBP', 'CHF']
const categories = ['shoes', 'outdoor', 'kitchen', 'books', 'garden']

/**
 * Five properties as a shop sends them: plan and currency of the visitor, category of a few, product of a thousand, and
 * a number.
 */
function toProperties(visitor: number, event: number): Record<string, string | number | undefined> {
  return {
    plan: plans[visitor % plans.length],
    currency: currencies[visitor % currencies.length],
    category: categories[event % categories.length],
    // Knuth's multiplicative hash: products do not follow the order of the events.
    product: `SKU-${1000 + ((Math.imul(event, 0x9e3779b1) >>> 16) % 1000)}`,
    quantity: 1 + (event % 6),
  }
}
