import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { EventBatch } from '@tidemark/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { openAccessLog } from '../access-log/open-log.ts'
import type { ReplayClock } from './clock.ts'
import { replayLimits } from './limits.ts'
import { type Replay, type ReplayOptions, startReplay } from './replay.ts'

const t0 = Date.UTC(2015, 4, 17, 10, 5, 0)

interface LineOptions {
  host?: string
  agent?: string
  path?: string
  status?: number
  referrer?: string
}

/** A line of a log, `seconds` after its beginning. */
function line(seconds: number, options: LineOptions = {}): string {
  const { host = '192.0.2.1', agent = 'A', path = '/', status = 200, referrer = '-' } = options
  const [day = '', time = ''] = new Date(t0 + seconds * 1000).toISOString().split(/[T.]/)
  expect(day).toBe('2015-05-17')
  return `${host} - - [17/May/2015:${time} +0000] "GET ${path} HTTP/1.1" ${status} 1 "${referrer}" "${agent}"`
}

interface Recorded {
  path: string | undefined
  userAgent: string | undefined
  batch: EventBatch
}

/** @param request number of the request, from 1 */
type Respond = (batch: EventBatch, response: ServerResponse, request: number) => void

function refuse(_batch: EventBatch, response: ServerResponse): void {
  const problem = { code: 'site_unknown', detail: 'Check the site.' }
  response.writeHead(404).end(JSON.stringify(problem))
}

const cleanUp: (() => void)[] = []
afterEach(() => cleanUp.splice(0).forEach(run => run()))

function take(batch: EventBatch, response: ServerResponse): void {
  response.writeHead(202).end(JSON.stringify({ accepted: batch.events.length, rejected: [] }))
}

/**
 * A server on loopback that records what comes.
 * @param greet answers the empty batch by which a replay makes sure of the server; it is not recorded
 */
async function record(
  respond: Respond = take,
  greet: Respond = take,
): Promise<{ requests: Recorded[]; url: URL; greetings: () => number }> {
  const requests: Recorded[] = []
  let greetings = 0
  const server = createServer((request, response) => void answer(request, response))
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const batch: EventBatch = JSON.parse(await text(request))
    if (batch.events.length === 0) return greet(batch, response, ++greetings)
    requests.push({ path: request.url, userAgent: request.headers['user-agent'], batch })
    respond(batch, response, requests.length)
  }
  server.listen(0, '127.0.0.1')
  cleanUp.push(() => server.close().closeAllConnections())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = new URL(`http://127.0.0.1:${port}/api/`)
  return { requests, url, greetings: () => greetings }
}

const startsAt = Date.UTC(2026, 2, 1)

/** A clock that jumps to the end of every sleep. */
function createJumpingClock(): ReplayClock & { slept: number[] } {
  const slept: number[] = []
  let now = startsAt
  return {
    slept,
    now: () => now,
    async sleep(ms, signal) {
      signal.throwIfAborted()
      slept.push(ms)
      now += ms
    },
  }
}

/** A clock that stands still: its sleeps end by the signal alone. */
const standingClock: ReplayClock = {
  now: () => startsAt,
  sleep: (_ms, signal) =>
    new Promise((_resolve, reject) => {
      if (signal.aborted) reject(signal.reason)
      signal.addEventListener('abort', () => reject(signal.reason))
    }),
}

function replay(
  lines: readonly string[] | Readable,
  options: Pick<ReplayOptions, 'url'> & Partial<ReplayOptions>,
): Replay {
  const stdin = lines instanceof Readable ? lines : Readable.from([Buffer.from(lines.join('\n'))])
  return startReplay({
    open: signal => openAccessLog('-', { stdin, signal }),
    ...{ site: 'demo', origin: 'https://demo.example', speed: 1 },
    ...{ clock: createJumpingClock(), random: () => 0.5 },
    ...options,
  })
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : Number(a > b)
}

function eventsOf(requests: readonly Recorded[]) {
  return requests.flatMap(({ batch: { client, visitorId, events } }) =>
    events.map(event => ({ client, visitorId, ...event })),
  )
}

describe('startReplay: what it sends', () => {
  it('sends a page view as the tracker on the page would have', async () => {
    const { requests, url } = await record()
    const from = 'http://search.example/?q=x'
    const entry = line(0, { path: '/a?utm_source=b', agent: 'Mozilla/5.0 (X11)', referrer: from })
    await replay([entry], { url }).done
    expect(requests).toEqual([
      {
        path: '/api/sites/demo/events',
        userAgent: 'Mozilla/5.0 (X11)',
        batch: {
          client: expect.stringMatching(/^replay-.+-1$/),
          visitorId: expect.stringMatching(/^[\w-]{22}$/),
          sentAt: startsAt,
          events: [
            {
              name: 'page_view',
              n: 1,
              timestamp: startsAt,
              url: 'https://demo.example/a?utm_source=b',
              referrer: from,
            },
          ],
        },
      },
    ])
  })

  it('sends no address, and no User-Agent where the log has none', async () => {
    const { requests, url } = await record()
    await replay([line(0, { host: '203.0.113.77', agent: '-' })], { url }).done
    expect(JSON.stringify(requests)).not.toContain('203.0.113')
    expect(requests[0]?.userAgent).toBeUndefined()
  })

  it('counts the events of each visitor from 1, under a client of its own in every run', async () => {
    const { requests, url } = await record()
    const lines = [
      line(0, { host: '192.0.2.1' }),
      line(1, { host: '192.0.2.2' }),
      line(2, { host: '192.0.2.1' }),
      line(3, { host: '192.0.2.1', agent: 'B' }),
    ]
    await replay(lines, { url }).done
    await replay(lines, { url }).done
    const byClient = Map.groupBy(eventsOf(requests), event => event.client)
    const numbers = [...byClient.values()].map(events => events.map(event => event.n).join())
    expect(numbers.toSorted(compare)).toEqual(['1', '1', '1', '1', '1,2', '1,2'])
  })

  it('sends the events of one visitor that are due at the same time in one batch', async () => {
    const { requests, url } = await record()
    const [a, b] = [{ host: '192.0.2.1' }, { host: '192.0.2.2' }]
    await replay([line(0, a), line(0, b), line(0, a), line(60, a)], { url }).done
    const sizes = requests.map(({ batch }) => batch.events.length)
    expect(sizes.toSorted(compare)).toEqual([1, 1, 2])
  })

  it('leaves out a referrer and a query that the server would turn the event away for', async () => {
    const { requests, url } = await record()
    const long = 'x'.repeat(8200)
    await replay([line(0, { path: `/a?${long}`, referrer: long })], { url }).done
    const [event] = eventsOf(requests)
    expect(event?.url).toBe('https://demo.example/a')
    expect(event).not.toHaveProperty('referrer')
  })
})

describe('startReplay: when it sends', () => {
  const hosts = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4']
  const at = (seconds: readonly number[]): string[] =>
    seconds.map((second, i) => line(second, { host: hosts[i] ?? '' }))

  it('sends each page view when its shifted time has come', async () => {
    const { requests, url } = await record()
    await replay(at([0, 10, 3600]), { url, speed: 10 }).done
    const sent = requests.map(({ batch }) => batch.sentAt ?? 0).toSorted(compare)
    expect(sent).toEqual([0, 1000, 360_000].map(ms => startsAt + ms))
    for (const { batch } of requests) expect(batch.events[0]?.timestamp).toBe(batch.sentAt)
  })

  it('begins with the first entry, whatever it is', async () => {
    const { requests, url } = await record()
    await replay([line(0, { path: '/logo.png' }), line(30)], { url }).done
    expect(eventsOf(requests)[0]?.timestamp).toBe(startsAt + 30_000)
  })

  it('catches up without waiting when the start is in the past, then goes on in time', async () => {
    const { requests, url } = await record()
    const clock = createJumpingClock()
    await replay(at([0, 3600, 7200, 7260]), { url, clock, at: startsAt - 7_200_000 }).done
    expect(clock.slept).toEqual([60_000])
    const times = eventsOf(requests).map(event => (event.timestamp ?? 0) - startsAt)
    expect(times.toSorted(compare)).toEqual([-7_200_000, -3_600_000, 0, 60_000])
  })

  it('sends at once what is out of order, and gives what is before the first a time before', async () => {
    const { requests, url } = await record()
    const clock = createJumpingClock()
    await replay(at([10, 20, 15, 5]), { url, clock }).done
    expect(clock.slept).toEqual([10_000])
    const times = eventsOf(requests).map(event => (event.timestamp ?? 0) - startsAt)
    expect(times.toSorted(compare)).toEqual([-5000, 0, 5000, 10_000])
  })

  it('sends what comes from an input that then stays open', async () => {
    const arrived = Promise.withResolvers<void>()
    const { url } = await record((batch, response) => {
      take(batch, response)
      arrived.resolve()
    })
    const input = new PassThrough()
    input.write(`${line(0)}\n`)
    const { done } = replay(input, { url })
    await arrived.promise
    input.end()
    expect(await done).toMatchObject({ accepted: 1, failure: undefined })
  })
})

describe('startReplay: what goes wrong', () => {
  it('sends again what got no answer or a 503, with the same numbers', async () => {
    const { requests, url } = await record((batch, response, request) => {
      if (request % 3 === 1) response.destroy()
      else if (request % 3 === 2) response.writeHead(503).end()
      else take(batch, response)
    })
    const lines = Array.from({ length: 30 }, (_, i) => line(i, { host: `192.0.2.${i % 7}` }))
    const result = await replay(lines, { url }).done
    expect(result).toMatchObject({ pageViews: 30, accepted: 30, failed: {}, unsent: 0 })
    expect(result.requests).toBe(requests.length)
    expect(result.retries).toBeGreaterThan(20)
    const distinct = new Set(eventsOf(requests).map(({ client, n }) => `${client} ${n}`))
    expect(distinct.size).toBe(30)
  })

  it('waits at least as long as Retry-After says', async () => {
    const { url } = await record((batch, response, request) => {
      if (request === 1) response.writeHead(429, { 'retry-after': '20' }).end()
      else take(batch, response)
    })
    const clock = createJumpingClock()
    await replay([line(0)], { url, clock }).done
    expect(clock.slept).toHaveLength(1)
    expect(clock.slept[0]).toBeGreaterThan(20_000)
  })

  it('gives a batch up after a bounded number of attempts, and goes on', async () => {
    const { url } = await record((batch, response) => {
      const isBad = batch.events.some(event => event.url?.endsWith('/bad'))
      if (isBad) response.writeHead(500).end()
      else take(batch, response)
    })
    const lines = [line(0), line(1, { path: '/bad', host: '192.0.2.2' }), line(2)]
    const result = await replay(lines, { url }).done
    expect(result).toMatchObject({ accepted: 2, failed: { http_500: 1 }, unsent: 0, requests: 10 })
    expect(result.failure).toBeUndefined()
  })

  it('counts what the server turns away by its code', async () => {
    const { url } = await record((batch, response) => {
      const rejected = batch.events.map((_, index) => ({ index, code: 'too_old' }))
      response.writeHead(202).end(JSON.stringify({ accepted: 0, rejected }))
    })
    const result = await replay([line(0), line(0)], { url }).done
    expect(result).toMatchObject({ accepted: 0, rejected: { too_old: 2 }, unsent: 0 })
  })

  it('halves a batch that is too large for the server until it is taken', async () => {
    const { requests, url } = await record((batch, response) => {
      if (batch.events.length > 2) response.writeHead(413).end()
      else take(batch, response)
    })
    const result = await replay(
      Array.from({ length: 9 }, () => line(0)),
      { url },
    ).done
    expect(result).toMatchObject({ accepted: 9, failed: {} })
    const taken = requests.filter(({ batch }) => batch.events.length <= 2)
    expect(eventsOf(taken).map(event => event.n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('ends with a sentence when the server does not take the site any more', async () => {
    const { requests, url } = await record(refuse)
    const result = await replay([line(0), line(3600), line(7200)], { url, clock: standingClock })
      .done
    expect(result.failure?.code).toBe('refused')
    expect(result.failure?.message).toContain('site_unknown')
    expect(result).toMatchObject({ accepted: 0, interrupted: false })
    expect(requests).toHaveLength(1)
  })

  it('ends also while it waits for an input from which nothing comes', async () => {
    const { url } = await record(refuse)
    const input = new PassThrough()
    input.write(`${line(0)}\n`)
    expect((await replay(input, { url }).done).failure?.code).toBe('refused')
  })

  it('sends what came before the log could not be read on', async () => {
    const { url } = await record()
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.from(`${line(0)}\n`)
      throw new Error('the disk is gone')
    }
    const result = await replay(Readable.from(broken()), { url }).done
    expect(result.failure).toEqual({ code: 'log_unreadable', message: 'the disk is gone' })
    expect(result.accepted).toBe(1)
  })

  it('ends when it is interrupted, and says what was not sent', async () => {
    const interruption = new AbortController()
    const { url } = await record((batch, response) => {
      take(batch, response)
      interruption.abort()
    })
    const { signal } = interruption
    const lines = [line(0), line(1), line(2)]
    const result = await replay(lines, { url, signal, clock: standingClock }).done
    expect(result).toMatchObject({
      interrupted: true,
      failure: undefined,
      pageViews: 2,
      sent: 1,
      unsent: 1,
    })
  })

  it('waits only a moment for answers that do not come when it is interrupted', async () => {
    const interruption = new AbortController()
    const { url } = await record(() => interruption.abort())
    const clock = createJumpingClock()
    const result = await replay([line(0)], { url, signal: interruption.signal, clock }).done
    expect(result).toMatchObject({ interrupted: true, sent: 1, accepted: 0, unsent: 1 })
    expect(clock.slept).toEqual([replayLimits.graceMs])
  })

  it('sends nothing when it is interrupted before it begins', async () => {
    const { requests, url } = await record()
    const result = await replay([line(0)], { url, signal: AbortSignal.abort() }).done
    expect(result).toMatchObject({ interrupted: true, accepted: 0 })
    expect(requests).toEqual([])
  })
})

describe('startReplay: before the first page view', () => {
  // An asset, and a minute until the first page view is due.
  const lines = [line(0, { path: '/logo.png' }), line(60)]

  it('ends at once when the server does not know the site', async () => {
    const { requests, url } = await record(take, refuse)
    const result = await replay(lines, { url, clock: standingClock }).done
    expect(result.failure?.code).toBe('refused')
    expect(result.failure?.message).toContain('(site_unknown). Check the site.')
    expect(result).toMatchObject({ requests: 0, accepted: 0, interrupted: false })
    expect(requests).toEqual([])
  })

  it('ends at once when it waits for an input from which nothing comes', async () => {
    const { url } = await record(take, refuse)
    expect((await replay(new PassThrough(), { url }).done).failure?.code).toBe('refused')
  })

  it('ends when nothing answers for a few seconds, whenever a page view is due', async () => {
    const clock = createJumpingClock()
    const url = new URL('http://127.0.0.1:1/api')
    const result = await replay(lines, { url, clock }).done
    expect(result.failure?.code).toBe('unreachable')
    expect(result.failure?.message).toMatch(/^No server answers at .*ECONNREFUSED/)
    expect(result).toMatchObject({ accepted: 0, interrupted: false })
    expect(clock.now() - startsAt).toBeLessThan(10_000)
  })

  it('waits for a server that comes up a little later, and begins then', async () => {
    const { requests, url, greetings } = await record(take, (batch, response, attempt) => {
      if (attempt < 4) response.destroy()
      else take(batch, response)
    })
    const clock = createJumpingClock()
    const result = await replay([line(0), line(1)], { url, clock }).done
    expect(greetings()).toBe(4)
    expect(result).toMatchObject({ accepted: 2, requests: 2, retries: 0, failure: undefined })
    expect(result.startsAt).toBeGreaterThan(startsAt)
    expect(eventsOf(requests)[0]?.timestamp).toBe(result.startsAt)
  })

  it('asks no more when the log cannot be opened', async () => {
    const never = new URL('http://127.0.0.1:1/api')
    const open = async (): Promise<never> => {
      throw new Error('it is gone')
    }
    const result = await replay([], { url: never, open, clock: standingClock }).done
    expect(result.failure).toEqual({ code: 'log_unreadable', message: 'it is gone' })
  })

  it('ends when it is interrupted while it waits for the server', async () => {
    const interruption = new AbortController()
    const { url } = await record(take, () => interruption.abort())
    const { signal } = interruption
    const result = await replay(lines, { url, signal }).done
    expect(result).toMatchObject({ interrupted: true, failure: undefined, lines: 0 })
  })
})

describe('startReplay: what it counts', () => {
  it('tells what each line was, and which did not parse and why', async () => {
    const { url } = await record()
    const { done, progress } = replay(
      [
        line(0),
        line(5, { path: '/a.png' }),
        line(2, { status: 301 }),
        line(-3, { status: 404 }),
        line(1).replace('GET', 'POST'),
        '',
        'garbage',
        'x'.repeat(70_000),
      ],
      { url },
    )
    const result = await done
    expect(result).toMatchObject({
      ...{ lines: 8, blankLines: 1, pageViews: 1, assets: 1, redirects: 1, failedRequests: 1 },
      ...{ otherMethods: 1, unparsedLines: 2, sent: 1, accepted: 1, unsent: 0, startsAt },
      ...{ earliestAt: t0 - 3000, latestAt: t0 + 5000 },
      firstUnparsed: [
        { line: 7, error: 'head_invalid' },
        { line: 8, error: 'line_too_long' },
      ],
    })
    expect(progress()).toMatchObject({ lines: 8, accepted: 1, logTime: t0 })
    expect(progress().consumedBytes).toBeGreaterThan(70_000)
  })

  it('shows only the first lines that did not parse', async () => {
    const { url } = await record()
    const result = await replay(
      Array.from({ length: 100 }, () => 'garbage'),
      { url },
    ).done
    expect(result).toMatchObject({ unparsedLines: 100, failure: undefined })
    expect(result.firstUnparsed.map(each => each.line)).toEqual([1, 2, 3, 4, 5])
  })
})
