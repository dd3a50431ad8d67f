import { limits } from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import type { TidemarkOptions } from '../config.ts'
import type { IntakeWarning } from '../sites/intake-warnings.ts'
import { type TestServer, createTestServer } from '../testing/server.ts'
import { makeToken, secret, shopClaims } from '../testing/token.ts'

const key = 'k'.repeat(32)

async function warningsOf(
  { ask }: Pick<TestServer, 'ask'>,
  headers: Record<string, string> = {},
): Promise<IntakeWarning[]> {
  const answer = await ask('/api/sites/shop/warnings', { headers })
  expect([answer.status, answer.headers.get('Cache-Control')]).toEqual([200, 'no-store'])
  const { warnings } = (await answer.json()) as { warnings: IntakeWarning[] }
  return warnings
}

/** A numbered event of a client. */
const good = { client: 'c', n: 1, name: 'a', visitorId: 'v' }
const hourMs = 3_600_000

interface Case {
  kind: string
  count?: number
  options?: TidemarkOptions
  /** Sends a request that causes the warning. */
  cause(server: TestServer): unknown
}

/** Sends one event with invalid fields twice, which counts twice. */
const rejects = (kind: string, fields: object, options?: TidemarkOptions): Case => ({
  kind,
  count: 2,
  ...(options && { options }),
  cause: ({ send }) =>
    send(
      {
        client: 'c',
        events: [
          { ...good, ...fields },
          { ...good, ...fields },
        ],
      },
      { headers: { Authorization: `Bearer ${key}` } },
    ),
})
const described: TidemarkOptions = { sites: [{ id: 'shop', writeKeys: [key] }] }

const cases: readonly Case[] = [
  {
    kind: 'future_timestamp',
    count: 12,
    cause: ({ send, clock }) =>
      send({
        client: 'c',
        events: Array.from({ length: 12 }, (_, n) => ({
          ...{ n: n + 1, name: 'a', visitorId: 'v', timestamp: clock.now() + hourMs },
        })),
      }),
  },
  { kind: 'event_invalid', cause: ({ send }) => send({ client: 'c', events: ['x'] }) },
  rejects('name_invalid', { name: '' }),
  rejects('n_invalid', { n: 0 }),
  rejects('timestamp_invalid', { timestamp: -1 }),
  rejects('too_old', { timestamp: Date.UTC(2026, 2, 8, 11) }),
  rejects('visitor_id_invalid', { visitorId: '' }),
  rejects('session_id_invalid', { sessionId: '' }),
  rejects('user_id_invalid', { userId: '' }),
  rejects('url_invalid', { url: 'nowhere' }),
  rejects('referrer_invalid', { referrer: 1 }),
  rejects('title_invalid', { title: 1 }),
  rejects('properties_invalid', { properties: { a: { b: 1 } } }),
  rejects('value_invalid', { value: '7' }),
  rejects('user_agent_invalid', { userAgent: 1 }, described),
  rejects('address_invalid', { address: 'here' }, described),
  rejects('country_invalid', { country: 'Mars' }, described),
  { kind: 'body_invalid', cause: ({ send }) => send('{') },
  { kind: 'batch_invalid', cause: ({ send }) => send({ client: 1, events: [] }) },
  { kind: 'body_too_large', cause: ({ send }) => send('x'.repeat(limits.maxBodyBytes + 1)) },
  {
    kind: 'encoding_unsupported',
    cause: ({ send }) => send(good, { headers: { 'Content-Encoding': 'gzip' } }),
  },
  {
    kind: 'repeated',
    count: 2,
    async cause({ send }) {
      for (let round = 0; round < 3; round++) await send(good)
    },
  },
  {
    kind: 'unnumbered',
    count: 2,
    cause: ({ send }) =>
      send({
        events: [
          { name: 'a', visitorId: 'v' },
          { name: 'b', visitorId: 'v' },
        ],
      }),
  },
  {
    kind: 'http_client',
    cause: ({ send }) =>
      send(
        {
          client: 'c',
          events: [
            { n: 1, name: 'a' },
            { ...good, n: 2 },
          ],
        },
        { headers: { 'User-Agent': 'curl/8.5.0' } },
      ),
  },
  {
    kind: 'names_overflow',
    // The list of live names has room for 200.
    count: 3,
    cause: ({ send }) =>
      send({
        client: 'c',
        events: Array.from({ length: 203 }, (_, n) => ({
          ...{ n: n + 1, name: `name ${n}`, visitorId: 'v' },
        })),
      }),
  },
  {
    kind: 'rate_limited',
    options: { rates: { requestsPerSecondPerSite: 1, burstSeconds: 1 } },
    async cause({ send }) {
      for (const n of [1, 2]) await send({ ...good, n })
    },
  },
  {
    kind: 'origin_refused',
    options: { sites: [{ id: 'shop', writeOrigins: ['https://shop.example'] }] },
    cause: ({ send }) => send(good, { headers: { Origin: 'https://evil.example' } }),
  },
  {
    kind: 'key_missing',
    options: { sites: [{ id: 'shop', writeOrigins: ['https://shop.example'], writeKeys: [key] }] },
    cause: ({ send }) => send(good),
  },
  {
    kind: 'key_invalid',
    options: described,
    cause: ({ send }) => send(good, { headers: { Authorization: `Bearer ${'x'.repeat(32)}` } }),
  },
  {
    kind: 'body_consumed',
    options: { log: { level: 'silent' } },
    async cause({ tidemark }) {
      const url = 'http://stats.example/api/sites/shop/events'
      const request = new Request(url, { method: 'POST', body: JSON.stringify(good) })
      await request.text()
      await tidemark.fetch(request, { address: '127.0.0.1' })
    },
  },
  {
    kind: 'address_excluded',
    options: { exclude: { addresses: ['127.0.0.0/8'] } },
    cause: ({ send }) => send(good),
  },
  {
    kind: 'address_unknown',
    options: { log: { level: 'silent' } },
    cause: ({ tidemark }) =>
      tidemark.fetch(
        new Request('http://stats.example/api/sites/shop/events', {
          method: 'POST',
          body: JSON.stringify({ client: 'c', n: 1, name: 'a' }),
        }),
      ),
  },
]

describe('GET warnings', () => {
  it('has no entries for events that are accepted as they were sent', async () => {
    const server = createTestServer()
    for (const n of [1, 2, 3]) expect((await server.send({ ...good, n })).status).toBe(202)
    expect(await warningsOf(server)).toEqual([])
  })

  it.each(cases)(
    'has $kind with count, time and remedy',
    async ({ kind, count = 1, options, cause }) => {
      const server = createTestServer({ sites: ['shop'], ...options })
      await cause(server)
      const now = server.clock.now()
      const warnings = await warningsOf(server)
      expect(warnings).toMatchObject([{ kind, count, firstAt: now, lastAt: now }])
      expect(Object.keys(warnings[0] ?? {}).toSorted()).toEqual([
        'count',
        'firstAt',
        'kind',
        'lastAt',
        'remedy',
        'text',
      ])
    },
  )

  it('counts senders without a right, once the site has been opened', async () => {
    const server = createTestServer({
      sites: ['shop'],
      access: { tokens: { secret, scopes: ['read', 'write'] } },
    })
    const reader = { Authorization: `Bearer ${makeToken({ ...shopClaims, scope: 'read' })}` }
    expect(await warningsOf(server, reader)).toEqual([])
    for (const headers of [{}, reader]) await server.send(good, { headers })
    expect(await warningsOf(server, reader)).toMatchObject([
      { kind: 'sender_unauthorized', count: 2 },
    ])
  })

  it('leaves out readers who exceed a rate', async () => {
    const server = createTestServer({
      sites: ['shop'],
      log: { level: 'silent' },
      rates: { readsPerSecondPerAddress: 1, burstSeconds: 1 },
    })
    const read = async (address: string): Promise<Response> =>
      server.tidemark.fetch(new Request('http://stats.example/api/sites/shop/warnings'), {
        address,
      })
    const statuses = new Set<number>()
    for (let n = 0; n < 2; n++) statuses.add((await read('198.51.100.7')).status)
    expect(statuses).toEqual(new Set([200, 429]))
    expect(await warningsOf(server)).toEqual([])
  })

  it('has nothing of an event or a sender', async () => {
    const server = createTestServer({
      sites: [{ id: 'shop', writeOrigins: ['https://a.example'] }],
    })
    const event = { name: 'secret', url: 'secret', properties: { secret: { secret: 1 } } }
    const events = [event, { ...event, url: 7, value: 'secret' }]
    await server.send({ client: 'secret', events }, { headers: { Origin: 'https://a.example' } })
    await server.send(good, {
      headers: { Origin: 'https://secret.example', 'User-Agent': 'secret' },
    })
    const text = JSON.stringify(await warningsOf(server))
    expect(text).toContain('rejected')
    expect(text).not.toMatch(/secret|127\.0/)
  })
})
