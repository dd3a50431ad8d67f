import { type BatchVerdict, limits } from '@tidemark/protocol'
import { describe, expect, it, vi } from 'vitest'
import type { TidemarkOptions } from './config.ts'
import { type RatesOptions, createRates, defaultRateLimits } from './guard/rates.ts'
import type { LimitsAnswer } from './routes/limits.ts'
import { createTestServer } from './testing/server.ts'

const flooder = '203.0.113.7'
const other = '198.51.100.9'

interface Sending {
  address?: string
  site?: string
  headers?: Record<string, string>
}

/** Creates a server whose clients have addresses. */
function create(options: TidemarkOptions = {}) {
  const { tidemark, clock, ask } = createTestServer(options)
  const from = (address: string, path: string, init?: RequestInit) =>
    tidemark.fetch(new Request(`http://stats.example${path}`, init), { address })
  const send = async (body: unknown, sending: Sending = {}): Promise<Response> => {
    const { address = flooder, site = 'shop', headers = {} } = sending
    const init = { method: 'POST', headers, body: JSON.stringify(body) }
    return from(address, `/api/sites/${site}/events`, init)
  }
  const readLimits = async (site = 'shop') =>
    ((await (await ask(`/api/sites/${site}/limits`)).json()) as LimitsAnswer).sinceStart
  return { clock, from, send, readLimits }
}

const view = { name: 'page_view' }
const batchOf = (count: number, fields: object = {}) => ({
  ...fields,
  events: Array.from({ length: count }, () => view),
})

/** Limits that no test of another limit meets. */
const open: RatesOptions = {
  requestsPerSecondPerAddress: Infinity,
  eventsPerSecondPerAddress: Infinity,
  eventsPerSecondPerVisitor: Infinity,
  requestsPerSecondPerSite: Infinity,
  eventsPerSecondPerSite: Infinity,
  readsPerSecondPerAddress: Infinity,
  burstSeconds: 1,
}

async function expectLimited(answer: Response, name: string, retryAfter: number): Promise<void> {
  expect(answer.status).toBe(429)
  expect(answer.headers.get('Retry-After')).toBe(String(retryAfter))
  expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
  expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
  expect(answer.headers.get('Access-Control-Expose-Headers')).toContain('Retry-After')
  const { code, detail } = (await answer.json()) as { code: string; detail: string }
  expect(code).toBe('rate_limited')
  expect(detail).toContain(`\`rates.${name}\``)
}

describe('Rate of requests with events from one address', () => {
  const rates = { ...open, requestsPerSecondPerAddress: 2 }

  it('is limited, and other addresses and sites do not notice', async () => {
    const { send, clock, readLimits } = create({ rates })
    expect((await send(view)).status).toBe(202)
    expect((await send(view)).status).toBe(202)
    await expectLimited(await send(view), 'requestsPerSecondPerAddress', 1)
    await expectLimited(await send(view, { site: 'blog' }), 'requestsPerSecondPerAddress', 1)
    expect((await send(view, { address: other })).status).toBe(202)
    expect((await send(view, { address: other, site: 'blog' })).status).toBe(202)
    clock.advance(500)
    expect((await send(view)).status).toBe(202)
    expect((await readLimits()).limited).toEqual({ requestsPerSecondPerAddress: 1 })
  })

  it('counts an IPv6 network as one address, and IPv4 in IPv6 notation as IPv4', async () => {
    const { send } = create({ rates })
    await send(view, { address: '2001:db8:1:2::1' })
    await send(view, { address: '2001:db8:1:2:ffff::9' })
    expect((await send(view, { address: '2001:DB8:1:2::abcd' })).status).toBe(429)
    expect((await send(view, { address: '2001:db8:1:3::1' })).status).toBe(202)
    await send(view)
    await send(view, { address: `::ffff:${flooder}` })
    expect((await send(view)).status).toBe(429)
  })

  it.each(['', '127.0.0.1', '::1', '::ffff:127.0.0.2', 'not an address'])(
    'has no limit for the address %j',
    async address => {
      const { send } = create({ rates, onError: () => {} })
      for (let count = 0; count < 10; count += 1) {
        expect((await send(view, { address })).status).toBe(202)
      }
    },
  )

  it('counts the address that a trusted proxy forwards, and has no limit for the proxy', async () => {
    const { send } = create({ rates, proxy: { trusted: ['10.0.0.0/8'] } })
    const behind = (client: string) =>
      send(view, { address: '10.0.0.1', headers: { 'X-Forwarded-For': client } })
    await behind(flooder)
    await behind(`198.51.100.1, ${flooder}`)
    expect((await behind(`198.51.100.2, ${flooder}`)).status).toBe(429)
    expect((await behind(other)).status).toBe(202)
    for (let count = 0; count < 5; count += 1) {
      expect((await send(view, { address: '10.0.0.1' })).status).toBe(202)
    }
  })

  it('ignores a forged X-Forwarded-For', async () => {
    const { send } = create({ rates })
    for (const client of ['192.0.2.1', '192.0.2.2']) {
      await send(view, { headers: { 'X-Forwarded-For': client } })
    }
    expect((await send(view, { headers: { 'X-Forwarded-For': '192.0.2.3' } })).status).toBe(429)
  })

  it('is checked before tokens, bodies and the existence of the site', async () => {
    const { send, from } = create({
      rates,
      sites: ['shop'],
      access: { tokens: { secret: 's'.repeat(32), scopes: ['read', 'write'] } },
    })
    expect((await send(view, { site: 'unknown' })).status).toBe(401)
    expect((await send(view, { site: 'unknown' })).status).toBe(401)
    expect((await send(view, { site: 'unknown' })).status).toBe(429)
    const body = new ReadableStream({ pull: () => Promise.reject(new Error('The body was read.')) })
    const init = { method: 'POST', body, duplex: 'half' as const }
    expect((await from(flooder, '/api/sites/shop/events', init)).status).toBe(429)
  })

  it('has no limit for a sender with a write key, and still one for a wrong key', async () => {
    const key = 'a-key-of-a-backend-with-32-bytes'
    const sites = [{ id: 'shop', writeKeys: [key] }]
    const { send } = create({ rates: { ...rates, eventsPerSecondPerVisitor: 1 }, sites })
    const headers = { Authorization: `Bearer ${key}` }
    for (let count = 0; count < 5; count += 1) {
      expect((await send(batchOf(400, { visitorId: 'v' }), { headers })).status).toBe(202)
    }
    const wrong = { Authorization: `Bearer ${'b'.repeat(32)}` }
    const statuses = []
    for (let count = 0; count < 3; count += 1) {
      statuses.push((await send(view, { headers: wrong })).status)
    }
    expect(statuses).toEqual([401, 401, 429])
  })
})

describe('Rate of events from one address', () => {
  const rates = { ...open, eventsPerSecondPerAddress: 1000 }

  it('is limited by the number of events, and accepts nothing of a refused batch', async () => {
    const { send, clock, readLimits, from } = create({ rates })
    expect((await send(batchOf(700))).status).toBe(202)
    await expectLimited(await send(batchOf(400)), 'eventsPerSecondPerAddress', 1)
    expect((await send(batchOf(1000), { address: other })).status).toBe(202)
    clock.advance(100)
    const answer = await send(batchOf(400))
    expect(((await answer.json()) as BatchVerdict).accepted).toBe(400)
    expect((await readLimits()).limited).toEqual({ eventsPerSecondPerAddress: 1 })
    const totals = await (await from(other, '/api/sites/shop/metrics?granularity=minute')).json()
    expect(totals).toMatchObject({ totals: { events: 2100 } })
  })

  it('refuses further requests before their bodies are parsed', async () => {
    const { send } = create({ rates })
    await send(batchOf(900))
    expect((await send(batchOf(1000))).status).toBe(429)
    const parse = vi.spyOn(JSON, 'parse')
    try {
      expect((await send(batchOf(1000))).status).toBe(429)
      expect((await send(view)).status).toBe(429)
      expect(parse).not.toHaveBeenCalled()
    } finally {
      parse.mockRestore()
    }
  })

  it('lets the largest batch in, whatever the limit is', async () => {
    const { send } = create({ rates: { ...open, eventsPerSecondPerAddress: 0.5 } })
    expect((await send(batchOf(limits.maxBatchEvents))).status).toBe(202)
    await expectLimited(await send(view), 'eventsPerSecondPerAddress', 2)
  })
})

describe('Rate of events of one visitor', () => {
  const rates = { ...open, eventsPerSecondPerVisitor: 10 }

  it('is limited by visitorId within a site, and other visitors do not notice', async () => {
    const { send } = create({ rates })
    expect((await send(batchOf(1000, { visitorId: 'ann' }))).status).toBe(202)
    await expectLimited(await send({ ...view, visitorId: 'ann' }), 'eventsPerSecondPerVisitor', 1)
    expect((await send({ ...view, visitorId: 'bob' })).status).toBe(202)
    expect((await send({ ...view, visitorId: 'ann' }, { site: 'blog' })).status).toBe(202)
    expect((await send(batchOf(1000))).status).toBe(202)
  })

  it('refuses a batch with one such visitor, and counts the events of no other', async () => {
    const { send } = create({ rates })
    await send(batchOf(1000, { visitorId: 'ann' }))
    const mixed = [...batchOf(999, {}).events.map(event => ({ ...event, visitorId: 'bob' }))]
    const answer = await send({ events: [...mixed, { ...view, visitorId: 'ann' }] })
    expect(answer.status).toBe(429)
    expect((await send(batchOf(1000, { visitorId: 'bob' }))).status).toBe(202)
  })

  it('does not apply to visitors without an ID, as many may share an address', async () => {
    const { send } = create({ rates, onError: () => {} })
    for (let count = 0; count < 5; count += 1) {
      expect((await send(batchOf(1000), { address: '' })).status).toBe(202)
    }
  })
})

describe('Rates of one site', () => {
  it('limit requests and events from all addresses, and other sites do not notice', async () => {
    for (const [name, body] of [
      ['requestsPerSecondPerSite', view],
      ['eventsPerSecondPerSite', batchOf(500)],
    ] as const) {
      const { send, readLimits } = create({ rates: { ...open, [name]: 2 } })
      await send(body, { address: '192.0.2.1' })
      await send(body, { address: '192.0.2.2' })
      await expectLimited(await send(body, { address: '192.0.2.3' }), name, 1)
      expect((await send(body, { address: '192.0.2.3', site: 'blog' })).status).toBe(202)
      expect((await readLimits()).limited).toEqual({ [name]: 1 })
      expect((await readLimits('blog')).limited).toEqual({})
    }
  })
})

describe('Rate of requests that read', () => {
  const paths = [
    'realtime',
    'realtime/frames?since=1.0',
    'realtime/sse',
    'realtime/ws',
    'metrics',
    'limits',
  ]

  it.each(paths)('is limited by address: %s', async path => {
    const { from, readLimits } = create({ rates: { ...open, readsPerSecondPerAddress: 1 } })
    const read = (address: string) => from(address, `/api/sites/shop/${path}`)
    expect((await read(flooder)).status).not.toBe(429)
    await expectLimited(await read(flooder), 'readsPerSecondPerAddress', 1)
    expect((await read(other)).status).not.toBe(429)
    expect((await from(flooder, '/health')).status).toBe(200)
    expect((await readLimits()).limited).toEqual({ readsPerSecondPerAddress: 1 })
  })
})

describe('Default rates', () => {
  it('admit ten offices with 30 polling widgets each on one address', () => {
    const clock = { now: () => now, after: () => () => {} }
    let now = 0
    const rates = createRates(undefined, clock)
    for (let second = 0; second < 120; second += 1) {
      for (let read = 0; read < 10 * 30; read += 1) {
        expect(rates.admitRead(flooder)).toBeUndefined()
      }
      now += 1000
    }
  })

  it('bound a flood from one address to the burst and the rate', async () => {
    const { send, clock } = create()
    const { eventsPerSecondPerAddress: perSecond, burstSeconds } = defaultRateLimits
    let accepted = 0
    for (let request = 0; request < 120; request += 1) {
      if ((await send(batchOf(1000))).status === 202) accepted += 1000
      clock.advance(20)
    }
    const elapsedSeconds = 120 * 0.02
    expect(accepted).toBeLessThanOrEqual(perSecond * (burstSeconds + elapsedSeconds))
    expect(accepted).toBeGreaterThanOrEqual(perSecond * burstSeconds)
    expect((await send(view, { address: other })).status).toBe(202)
  })
})

describe('Option rates', () => {
  it.each([
    ['{ "eventsPerSecondPerSite": 0 }', 'rates.eventsPerSecondPerSite: 0 is not a number above 0'],
    ['{ "readsPerSecondPerAddress": -1 }', 'rates.readsPerSecondPerAddress: -1 is not'],
    [
      '{ "eventsPerSecondPerVisitor": "9" }',
      "rates.eventsPerSecondPerVisitor: '9' is a string. Write 9 without quotes.",
    ],
    ['{ "burstSeconds": 0.5 }', 'rates.burstSeconds: 0.5 is not a number from 1 to 3600.'],
    ['{ "events": 1 }', 'rates.events: unknown option.'],
  ])('rejects %s and names the field', (json, message) => {
    expect(() => createTestServer({ rates: JSON.parse(json) })).toThrow(message)
  })
})
