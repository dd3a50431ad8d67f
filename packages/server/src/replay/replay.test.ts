import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { EventBatch } from '@tidemark/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { compileFormat } from '../access-log/format/format-string.ts'
import { openAccessLog } from '../access-log/open-log.ts'
import type { ReplayClock } from './clock.ts'
import { replayLimits } from './limits.ts'
import { type Replay, type ReplayOptions, startReplay } from './replay.ts'

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const t0 = Date.UTC(2015, 4, 17, 10, 5, 0)

interface LineOptions {
  host?: string
  agent?: string
  path?: string
  status?: number
  referrer?: string
}

/** Returns a line of a log, `seconds` after its start. */
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

function acceptBatch(batch: EventBatch, response: ServerResponse): void {
  response.writeHead(202).end(JSON.stringify({ accepted: batch.events.length, rejected: [] }))
}

/**
 * Starts a server on loopback that records its requests.
 * @param respondToCheck responds to the empty batch with which a replay checks the server; it is not recorded
 */
async function record(
  respond: Respond = acceptBatch,
  respondToCheck: Respond = acceptBatch,
): Promise<{ requests: Recorded[]; url: URL; checks: () => number }> {
  const requests: Recorded[] = []
  let checks = 0
  const server = createServer((request, response) => void handle(request, response))
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const batch: EventBatch = JSON.parse(await text(request))
    if (batch.events.length === 0) return respondToCheck(batch, response, ++checks)
    requests.push({ path: request.url, userAgent: request.headers['user-agent'], batch })
    respond(batch, response, requests.length)
  }
  server.listen(0, '127.0.0.1')
  cleanUp.push(() => server.close().closeAllConnections())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = new URL(`http://127.0.0.1:${port}/api/`)
  return { requests, url, checks: () => checks }
}

const startsAt = Date.UTC(2026, 2, 1)

/** Creates a clock that jumps to the end of every sleep. */
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

/** A clock that stands still: only the signal ends its sleeps. */
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

describe('startReplay: events', () => {
  it('sends a page view in the form of the tracker', async () => {
    const { requests, url } = await record()
    const from = 'http://search.example/?q=x'
    const entry = line(0, { path: '/a?utm_source=b', agent: firefox, referrer: from })
    await replay([entry], { url }).done
    expect(requests).toEqual([
      {
        path: '/api/sites/demo/events',
        userAgent: firefox,
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

  it('sends the page views of bots and HTTP clients as automated', async () => {
    const { requests, url } = await record()
    const agents = ['curl/8.5.0', firefox]
    await replay(
      agents.map(agent => line(0, { agent })),
      { url },
    ).done
    const automated = requests.map(({ userAgent, batch }) => [userAgent, batch.automated] as const)
    expect(new Map(automated)).toEqual(
      new Map([
        [agents[0], true],
        [agents[1], undefined],
      ]),
    )
  })

  it('sends no IP address, and no User-Agent when the log has none', async () => {
    const { requests, url } = await record()
    await replay([line(0, { host: '203.0.113.77', agent: '-' })], { url }).done
    expect(JSON.stringify(requests)).not.toContain('203.0.113')
    expect(requests[0]?.userAgent).toBeUndefined()
  })

  it('numbers the events of each visitor from 1, with a new client in every run', async () => {
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

  it('omits a referrer and a query that are too long for the server', async () => {
    const { requests, url } = await record()
    const long = 'x'.repeat(8200)
    await replay([line(0, { path: `/a?${long}`, referrer: long })], { url }).done
    const [event] = eventsOf(requests)
    expect(event?.url).toBe('https://demo.example/a')
    expect(event).not.toHaveProperty('referrer')
  })
})

describe('startReplay: timing', () => {
  const hosts = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4']
  const at = (seconds: readonly number[]): string[] =>
    seconds.map((second, i) => line(second, { host: hosts[i] ?? '' }))

  it('sends each page view at its shifted time', async () => {
    const { requests, url } = await record()
    await replay(at([0, 10, 3600]), { url, speed: 10 }).done
    const sent = requests.map(({ batch }) => batch.sentAt ?? 0).toSorted(compare)
    expect(sent).toEqual([0, 1000, 360_000].map(ms => startsAt + ms))
    for (const { batch } of requests) expect(batch.events[0]?.timestamp).toBe(batch.sentAt)
  })

  it('starts with the first entry of any kind', async () => {
    const { requests, url } = await record()
    await replay([line(0, { path: '/logo.png' }), line(30)], { url }).done
    expect(eventsOf(requests)[0]?.timestamp).toBe(startsAt + 30_000)
  })

  it('catches up without delays when the start is in the past, then continues on time', async () => {
    const { requests, url } = await record()
    const clock = createJumpingClock()
    await replay(at([0, 3600, 7200, 7260]), { url, clock, at: startsAt - 7_200_000 }).done
    expect(clock.slept).toEqual([60_000])
    const times = eventsOf(requests).map(event => (event.timestamp ?? 0) - startsAt)
    expect(times.toSorted(compare)).toEqual([-7_200_000, -3_600_000, 0, 60_000])
  })

  it('sends an overdue entry immediately, and shifts an entry before the first one to a time before the start', async () => {
    const { requests, url } = await record()
    const clock = createJumpingClock()
    await replay(at([10, 20, 15, 5]), { url, clock }).done
    expect(clock.slept).toEqual([10_000])
    const times = eventsOf(requests).map(event => (event.timestamp ?? 0) - startsAt)
    expect(times.toSorted(compare)).toEqual([-5000, 0, 5000, 10_000])
  })

  it('sends the page views of an input that stays open', async () => {
    const arrived = Promise.withResolvers<void>()
    const { url } = await record((batch, response) => {
      acceptBatch(batch, response)
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

describe('startReplay: failures', () => {
  it('retries a lost response and a 503 with the same event numbers', async () => {
    const { requests, url } = await record((batch, response, request) => {
      if (request % 3 === 1) response.destroy()
      else if (request % 3 === 2) response.writeHead(503).end()
      else acceptBatch(batch, response)
    })
    const lines = Array.from({ length: 30 }, (_, i) => line(i, { host: `192.0.2.${i % 7}` }))
    const result = await replay(lines, { url }).done
    expect(result).toMatchObject({ pageViews: 30, accepted: 30, failed: {}, unsent: 0 })
    expect(result.requests).toBe(requests.length)
    expect(result.retries).toBeGreaterThan(20)
    const distinct = new Set(eventsOf(requests).map(({ client, n }) => `${client} ${n}`))
    expect(distinct.size).toBe(30)
  })

  it('waits for Retry-After before it retries', async () => {
    const { url } = await record((batch, response, request) => {
      if (request === 1) response.writeHead(429, { 'retry-after': '20' }).end()
      else acceptBatch(batch, response)
    })
    const clock = createJumpingClock()
    await replay([line(0)], { url, clock }).done
    expect(clock.slept).toHaveLength(1)
    expect(clock.slept[0]).toBeGreaterThan(20_000)
  })

  it('gives up a batch after the maximum number of attempts, and continues', async () => {
    const { url } = await record((batch, response) => {
      const isInvalid = batch.events.some(event => event.url?.endsWith('/bad'))
      if (isInvalid) response.writeHead(500).end()
      else acceptBatch(batch, response)
    })
    const lines = [line(0), line(1, { path: '/bad', host: '192.0.2.2' }), line(2)]
    const result = await replay(lines, { url }).done
    expect(result).toMatchObject({ accepted: 2, failed: { http_500: 1 }, unsent: 0, requests: 10 })
    expect(result.failure).toBeUndefined()
  })

  it('counts rejected page views by code', async () => {
    const { url } = await record((batch, response) => {
      const rejected = batch.events.map((_, index) => ({ index, code: 'too_old' }))
      response.writeHead(202).end(JSON.stringify({ accepted: 0, rejected }))
    })
    const result = await replay([line(0), line(0)], { url }).done
    expect(result).toMatchObject({ accepted: 0, rejected: { too_old: 2 }, unsent: 0 })
  })

  it('halves a batch that is too large until the server accepts it', async () => {
    const { requests, url } = await record((batch, response) => {
      if (batch.events.length > 2) response.writeHead(413).end()
      else acceptBatch(batch, response)
    })
    const result = await replay(
      Array.from({ length: 9 }, () => line(0)),
      { url },
    ).done
    expect(result).toMatchObject({ accepted: 9, failed: {} })
    const acceptedRequests = requests.filter(({ batch }) => batch.events.length <= 2)
    expect(eventsOf(acceptedRequests).map(event => event.n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('ends when the server refuses the site during the replay', async () => {
    const { requests, url } = await record(refuse)
    const result = await replay([line(0), line(3600), line(7200)], { url, clock: standingClock })
      .done
    expect(result.failure?.code).toBe('refused')
    expect(result.failure?.message).toContain('site_unknown')
    expect(result).toMatchObject({ accepted: 0, interrupted: false })
    expect(requests).toHaveLength(1)
  })

  it('ends after a refusal also while the input is idle', async () => {
    const { url } = await record(refuse)
    const input = new PassThrough()
    input.write(`${line(0)}\n`)
    expect((await replay(input, { url }).done).failure?.code).toBe('refused')
  })

  it('sends the page views before a read error', async () => {
    const { url } = await record()
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.from(`${line(0)}\n`)
      throw new Error('the disk failed')
    }
    const result = await replay(Readable.from(broken()), { url }).done
    expect(result.failure).toEqual({ code: 'log_unreadable', message: 'the disk failed' })
    expect(result.accepted).toBe(1)
  })

  it('ends when it is interrupted, and counts the unsent page views', async () => {
    const interruption = new AbortController()
    const { url } = await record((batch, response) => {
      acceptBatch(batch, response)
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

  it('waits for missing responses only for the grace period when it is interrupted', async () => {
    const interruption = new AbortController()
    const { url } = await record(() => interruption.abort())
    const clock = createJumpingClock()
    const result = await replay([line(0)], { url, signal: interruption.signal, clock }).done
    expect(result).toMatchObject({ interrupted: true, sent: 1, accepted: 0, unsent: 1 })
    expect(clock.slept).toEqual([replayLimits.graceMs])
  })

  it('sends nothing when it is interrupted before it starts', async () => {
    const { requests, url } = await record()
    const result = await replay([line(0)], { url, signal: AbortSignal.abort() }).done
    expect(result).toMatchObject({ interrupted: true, accepted: 0 })
    expect(requests).toEqual([])
  })
})

describe('startReplay: server check', () => {
  // An asset, and one minute until the first page view is due.
  const lines = [line(0, { path: '/logo.png' }), line(60)]

  it('ends immediately when the site is unknown', async () => {
    const { requests, url } = await record(acceptBatch, refuse)
    const result = await replay(lines, { url, clock: standingClock }).done
    expect(result.failure?.code).toBe('refused')
    expect(result.failure?.message).toContain('(site_unknown). Check the site.')
    expect(result).toMatchObject({ requests: 0, accepted: 0, interrupted: false })
    expect(requests).toEqual([])
  })

  it('ends immediately also while the input is idle', async () => {
    const { url } = await record(acceptBatch, refuse)
    expect((await replay(new PassThrough(), { url }).done).failure?.code).toBe('refused')
  })

  it('ends when the server does not respond within a few seconds', async () => {
    const clock = createJumpingClock()
    const url = new URL('http://127.0.0.1:1/api')
    const result = await replay(lines, { url, clock }).done
    expect(result.failure?.code).toBe('unreachable')
    expect(result.failure?.message).toMatch(/^The server at .* does not respond: .*ECONNREFUSED/)
    expect(result).toMatchObject({ accepted: 0, interrupted: false })
    expect(clock.now() - startsAt).toBeLessThan(10_000)
  })

  it('waits for a server that starts a little later, and starts then', async () => {
    const { requests, url, checks } = await record(acceptBatch, (batch, response, attempt) => {
      if (attempt < 4) response.destroy()
      else acceptBatch(batch, response)
    })
    const clock = createJumpingClock()
    const result = await replay([line(0), line(1)], { url, clock }).done
    expect(checks()).toBe(4)
    expect(result).toMatchObject({ accepted: 2, requests: 2, retries: 0, failure: undefined })
    expect(result.startsAt).toBeGreaterThan(startsAt)
    expect(eventsOf(requests)[0]?.timestamp).toBe(result.startsAt)
  })

  it('stops the check when the log cannot be opened', async () => {
    const unreachable = new URL('http://127.0.0.1:1/api')
    const open = async (): Promise<never> => {
      throw new Error('cannot be opened')
    }
    const result = await replay([], { url: unreachable, open, clock: standingClock }).done
    expect(result.failure).toEqual({ code: 'log_unreadable', message: 'cannot be opened' })
  })

  it('ends when it is interrupted during the check', async () => {
    const interruption = new AbortController()
    const { url } = await record(acceptBatch, () => interruption.abort())
    const { signal } = interruption
    const result = await replay(lines, { url, signal }).done
    expect(result).toMatchObject({ interrupted: true, failure: undefined, lines: 0 })
  })
})

describe('startReplay: counts', () => {
  it('counts each line by kind, and lists unparsed lines with the reason', async () => {
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
        { line: 7, error: 'head_invalid', text: 'garbage' },
        { line: 8, error: 'line_too_long', text: '' },
      ],
    })
    expect(progress()).toMatchObject({ lines: 8, accepted: 1, logTime: t0 })
    expect(progress().consumedBytes).toBeGreaterThan(70_000)
  })

  it('lists only the first unparsed lines', async () => {
    const { url } = await record()
    const result = await replay([line(0), ...Array.from({ length: 100 }, () => 'garbage')], { url })
      .done
    expect(result).toMatchObject({ unparsedLines: 100, failure: undefined })
    expect(result.firstUnparsed.map(each => each.line)).toEqual([2, 3, 4, 5, 6])
  })

  it('refuses a log in an unknown format', async () => {
    const { url, requests } = await record()
    const result = await replay(['garbage', 'more garbage'], { url }).done
    expect(result.failure).toMatchObject({
      code: 'log_unreadable',
      message: expect.stringMatching(/^none of its first 2 lines is in a known format .*--format/),
    })
    expect(requests).toEqual([])
  })

  it('reads a declared format', async () => {
    const { url, requests } = await record()
    const format = compileFormat('%V %a %t "%r" %>s "%{User-Agent}i"')
    const entry = 'shop.example 192.0.2.1:77 [17/May/2015:10:05:00 +0000] "GET /a HTTP/1.1" 200 "A"'
    const result = await replay([entry], { url, declared: { formats: [format] } }).done
    expect(result).toMatchObject({ accepted: 1, failure: undefined })
    expect(requests.map(({ userAgent }) => userAgent)).toEqual(['A'])
  })
})
