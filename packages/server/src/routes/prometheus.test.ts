import process from 'node:process'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import type { TidemarkOptions } from '../config.ts'
import { parseMetrics } from '../testing/prometheus.ts'
import { createSystemClock } from '../shared/clock.ts'
import { makeDirectory } from '../testing/directory.ts'
import { createTestServer } from '../testing/server.ts'

const token = 'x'.repeat(32)
const local = 'http://127.0.0.1:4711/metrics'

function createReader(options: TidemarkOptions = {}) {
  const server = createTestServer(options)
  const ask = async (
    headers: Record<string, string> = {},
    { url = local, address = '127.0.0.1' }: { url?: string; address?: string } = {},
  ): Promise<Response> => server.tidemark.fetch(new Request(url, { headers }), { address })
  const read = async () => parseMetrics(await (await ask()).text())
  const valuesOf = async (name: string) =>
    (await read()).samples
      .filter(sample => sample.name === name)
      .map(({ labels, value }) => [...Object.values(labels), value])
  return { ...server, ask, read, valuesOf }
}

describe('GET /metrics: access', () => {
  it('allows programs of this machine, without caching', async () => {
    const { ask } = createReader()
    const answer = await ask()
    expect(answer.status).toBe(200)
    expect(answer.headers.get('Content-Type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(answer.headers.get('Cache-Control')).toBe('no-store')
    expect(answer.headers.get('X-Content-Type-Options')).toBe('nosniff')
    expect(answer.headers.get('X-Request-Id')).toMatch(/^[\da-f-]{36}$/)
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBeNull()
    for (const url of ['http://localhost:4711/metrics', 'http://[::1]:4711/metrics']) {
      expect((await ask({}, { url, address: '::1' })).status).toBe(200)
    }
  })

  it.each([
    ['another machine', {}, { address: '192.0.2.1' }],
    ['an unknown address', {}, { address: '' }],
    ['another host name', {}, { url: 'http://stats.example/metrics' }],
    ['a proxy on this machine', { 'X-Forwarded-For': '192.0.2.1' }, {}],
    ['a proxy of another kind', { Forwarded: 'for=192.0.2.1' }, {}],
    ['a bearer where no token exists', { Authorization: `Bearer ${token}` }, { address: '::2' }],
  ])('refuses %s', async (_, headers, from) => {
    const { ask } = createReader()
    const answer = await ask(headers, from)
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ code: 'metrics_refused' })
  })

  it.each([
    [undefined, 401, 'token_missing'],
    ['Bearer wrong', 401, 'token_invalid'],
    [`Basic ${token}`, 401, 'token_missing'],
    [`Bearer ${token}`, 200, undefined],
  ])('answers another machine that sends %s with %i', async (authorization, status, code) => {
    const { ask } = createReader({ prometheus: { openTo: 'nobody', tokens: [token] } })
    const headers: Record<string, string> = authorization ? { Authorization: authorization } : {}
    for (const address of ['192.0.2.1', '127.0.0.1']) {
      const answer = await ask(headers, { address })
      expect(answer.status).toBe(status)
      if (code === undefined) continue
      expect(await answer.json()).toMatchObject({ code })
      expect(answer.headers.get('WWW-Authenticate')).toBe('Bearer')
    }
  })

  it.each([
    [{ 'X-Forwarded-For': '192.0.2.1' }, {}, 'its header X-Forwarded-For shows a proxy'],
    [{}, { url: 'http://stats.example/metrics' }, 'its Host stats.example is not a loopback'],
  ])('names the cause for a program on this machine: %j %j', async (headers, from, cause) => {
    const { ask } = createReader()
    expect(await (await ask(headers as Record<string, string>, from)).json()).toMatchObject({
      code: 'metrics_refused',
      detail: expect.stringContaining(cause),
    })
  })

  it('allows everybody by option', async () => {
    const { ask } = createReader({ prometheus: { openTo: 'anyone' } })
    expect((await ask({ Via: 'proxy' }, { address: '192.0.2.1' })).status).toBe(200)
  })

  it('is at the root only; a host places the handler, which checks the same', async () => {
    const { tidemark } = createTestServer()
    const env = { address: '127.0.0.1' }
    const app = new Hono()
    app.route('/api', tidemark.app)
    app.get('/internal/metrics', tidemark.prometheus)
    const ask = async (path: string): Promise<number> =>
      (await app.fetch(new Request(`http://127.0.0.1${path}`), env)).status
    expect(await ask('/internal/metrics')).toBe(200)
    expect(await ask('/api/metrics')).toBe(404)
    expect((await app.fetch(new Request('http://shop.example/internal/metrics'), env)).status).toBe(
      403,
    )
  })

  it.each([
    [{ openTo: 'all' }, "prometheus.openTo: 'all' is not one of loopback, anyone, nobody."],
    [{ tokens: ['short'] }, 'prometheus.tokens[0]: the key has 5 bytes.'],
    [{ maxSites: -1 }, 'prometheus.maxSites: -1 is not a whole number from 0 to 1000.'],
  ])('names an invalid option: %j', (prometheus, message) => {
    expect(() => createTestServer({ prometheus: prometheus as object })).toThrow(message)
  })
})

describe('GET /metrics: contents', () => {
  it('is in the text format, with names and types by the conventions', async () => {
    const { read, send } = createReader()
    await send({ name: 'a' })
    const { types, samples } = await read()
    expect(types.size).toBeGreaterThan(30)
    for (const [name, type] of types) {
      expect(name).toMatch(/^(?:tidemark|process|nodejs)_[a-z_]+$/)
      expect(name.endsWith('_total'), name).toBe(type === 'counter')
      expect(name).not.toMatch(/_(?:ms|milliseconds|kilobytes|mb)\b/)
    }
    for (const { value } of samples) expect(value).not.toBeNaN()
  })

  it('counts events by site and code', async () => {
    const { send, valuesOf } = createReader()
    await send({
      client: 'a',
      events: [
        { n: 1, name: 'a' },
        { n: 2, name: '' },
      ],
    })
    await send({ client: 'a', events: [{ n: 1, name: 'a' }] })
    await send({ name: 'a', timestamp: Date.UTC(2027, 0) })
    expect(await valuesOf('tidemark_events_accepted_total')).toEqual([['shop', 3]])
    expect(await valuesOf('tidemark_events_rejected_total')).toEqual([['shop', 'name_invalid', 1]])
    expect(await valuesOf('tidemark_events_repeated_total')).toEqual([['shop', 1]])
    expect(await valuesOf('tidemark_events_unnumbered_total')).toEqual([['shop', 1]])
    expect(await valuesOf('tidemark_events_clamped_total')).toEqual([['shop', 1]])
  })

  it('counts events of hosts that the site does not list', async () => {
    const { send, valuesOf } = createReader({
      sites: [{ id: 'shop', hostNames: ['shop.example'] }],
    })
    await send({ name: 'page_view', url: 'https://preview.example/' })
    await send({ name: 'page_view', url: 'https://shop.example/' })
    expect(await valuesOf('tidemark_events_other_host_total')).toEqual([['shop', 1]])
  })

  it('gives the first sites a value of their own, and the others one together', async () => {
    const { send, valuesOf } = createReader({ prometheus: { maxSites: 2 } })
    for (const site of ['a', 'b', 'c', 'd']) await send({ name: 'x' }, { site })
    const name = 'tidemark_events_accepted_total'
    expect(await valuesOf(name)).toEqual([
      ['a', 1],
      ['b', 1],
      ['(other)', 2],
    ])
    await send({ name: 'x' }, { site: 'd' })
    expect(await valuesOf(name)).toEqual([
      ['a', 1],
      ['b', 1],
      ['(other)', 3],
    ])
  })

  it('counts refusals by code and route, never by path', async () => {
    const { ask, valuesOf } = createReader({ sites: ['shop'] })
    for (const path of ['api/sites/other/realtime', 'api/sites/x/realtime', 'secret/path']) {
      await ask({}, { url: `http://127.0.0.1/${path}` })
    }
    expect(await valuesOf('tidemark_refusals_total')).toEqual([
      ['site_unknown', '/sites/:site/realtime', 2],
      ['not_found', 'other', 1],
    ])
  })

  it('has the state of the server and of its queues', async () => {
    const { send, clock, valuesOf } = createReader()
    await send({ name: 'a' })
    clock.advance(1500)
    expect(await valuesOf('tidemark_sites')).toEqual([[1]])
    expect(await valuesOf('tidemark_ready')).toEqual([[1]])
    expect(await valuesOf('tidemark_checkpoint_age_seconds')).toEqual([[1.5]])
    expect(await valuesOf('tidemark_readers')).toEqual([
      ['websocket', 0],
      ['sse', 0],
      ['long-poll', 0],
    ])
    expect(await valuesOf('tidemark_queries_running_limit')).toEqual([
      ['light', 4],
      ['heavy', 2],
    ])
    const [[version, node] = []] = await valuesOf('tidemark_build_info')
    expect([version, node]).toEqual([expect.stringMatching(/^\d+\.\d/), process.versions.node])
  })

  it('is separate for each server of a process', async () => {
    const [first, second] = [createReader(), createReader()]
    await first.send({ name: 'a' })
    expect(await second.valuesOf('tidemark_events_accepted_total')).toEqual([])
  })
})

it('GET /metrics: measures writes to the log and checkpoints', async () => {
  const { send, valuesOf, tidemark, ask } = createReader({
    storage: { dataDir: makeDirectory(), checkpointMs: 100 },
    clock: createSystemClock(),
  })
  await tidemark.ready
  await send({ name: 'a' })
  expect(await valuesOf('tidemark_log_write_duration_seconds_count')).toEqual([[1]])
  expect(await valuesOf('tidemark_log_pending_bytes_limit')).toEqual([[64 * 2 ** 20]])
  const saved = async () => valuesOf('tidemark_checkpoint_duration_seconds_count')
  await expect.poll(saved).toEqual([[1]])
  expect((await ask()).status).toBe(200)
})
