import { type Problem, errors } from '@tidemark/protocol'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import type { TidemarkOptions } from './config.ts'
import type { LimitsAnswer } from './routes/limits.ts'
import { createTestServer } from './testing/server.ts'

const view = { name: 'page_view', url: 'https://shop.example/' }

async function expectProblem(answer: Response, code: keyof typeof errors): Promise<Problem> {
  const problem = (await answer.json()) as Problem
  expect(problem).toMatchObject({ type: 'about:blank', code, status: errors[code].status })
  expect(answer.status).toBe(errors[code].status)
  expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
  expect(answer.headers.get('Cache-Control')).toBe('no-store')
  expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
  return problem
}

/** All routes of a site. */
const ofSite: readonly (readonly [method: string, path: string])[] = [
  ['POST', 'events'],
  ['GET', 'realtime'],
  ['GET', 'realtime/frames?since=1.0'],
  ['GET', 'realtime/ws'],
  ['GET', 'metrics'],
  ['GET', 'limits'],
]

describe.each(ofSite)('%s %s', (method, path) => {
  const init = { method, ...(method === 'POST' && { body: JSON.stringify(view) }) }

  it.each(['other', 'Shop', 'shop2', 'sho', 'constructor'])(
    'answers 404 for the unknown site %s and reveals no known site',
    async site => {
      const { ask, send, clock } = createTestServer({ sites: ['shop'] })
      await send(view)
      clock.advance(1000)
      const problem = await expectProblem(
        await ask(`/api/sites/${site}/${path}`, init),
        'site_unknown',
      )
      expect(Object.keys(problem)).toEqual(['type', 'status', 'code', 'title', 'detail'])
      expect(JSON.stringify(problem)).not.toContain('shop')
    },
  )

  it.each([
    '-shop',
    '.',
    '%2e%2e%2fshop',
    'sh%20op',
    'sh%0d%0aop',
    'sh%00op',
    '%E2%80%AEshop',
    '%ff',
    '__proto__',
    'x'.repeat(65),
  ])('answers 404 for the invalid site id %s', async site => {
    const { ask } = createTestServer()
    const answer = await ask(`/api/sites/${site}/${path}`, init)
    expect(answer.status).toBe(404)
    expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
  })

  it('answers 403 when `authorize` returns false, before any effect', async () => {
    const calls: unknown[] = []
    const { ask, read } = createTestServer({
      access: {
        authorize: (request, site, scope) => {
          calls.push([new URL(request.url).pathname.split('/').at(-1), site, scope])
          return request.headers.get('Authorization') === 'Bearer yes'
        },
      },
    })
    await expectProblem(await ask(`/api/sites/shop/${path}`, init), 'refused')
    const [name] = path.split('?')
    const scope = method === 'POST' ? 'write' : 'read'
    expect(calls).toEqual([[name?.split('/').at(-1), 'shop', scope]])
    expect(await read()).toMatchObject({ code: 'refused' })
  })

  it('answers 403 when `authorize` resolves with false', async () => {
    const { ask } = createTestServer({ access: { authorize: () => Promise.resolve(false) } })
    await expectProblem(await ask(`/api/sites/shop/${path}`, init), 'refused')
  })

  it('answers 405 with the allowed method', async () => {
    const { ask } = createTestServer()
    for (const wrong of ['PUT', 'DELETE', 'PATCH', method === 'POST' ? 'GET' : 'POST']) {
      const answer = await ask(`/api/sites/shop/${path}`, { method: wrong })
      expect(answer.headers.get('Allow')).toBe(method)
      await expectProblem(answer, 'method_not_allowed')
    }
  })

  it('answers a preflight that browsers may cache', async () => {
    const { ask } = createTestServer({ sites: ['shop'] })
    const answer = await ask(`/api/sites/shop/${path}`, {
      method: 'OPTIONS',
      headers: {
        Origin: 'https://shop.example',
        'Access-Control-Request-Method': method,
        'Access-Control-Request-Headers': 'authorization,last-event-id',
      },
    })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
    expect(answer.headers.get('Access-Control-Allow-Methods')).toContain(method)
    // All request headers of a reader that need permission in a browser.
    expect(answer.headers.get('Access-Control-Allow-Headers')).toBe(
      'Content-Type,Authorization,If-None-Match,Last-Event-ID',
    )
    expect(Number(answer.headers.get('Access-Control-Max-Age'))).toBeGreaterThan(600)
  })
})

describe('API', () => {
  it.each([
    ['GET', '/api/nothing'],
    ['GET', '/api/sites'],
    ['GET', '/api/sites/shop'],
    ['GET', '/api/sites/shop/realtime/nothing'],
    ['POST', '/api/sites/shop/realtime/nothing'],
    ['GET', '/api/sites//realtime'],
  ])('answers %s %s with a problem', async (method, path) => {
    const { ask } = createTestServer()
    await expectProblem(await ask(path, { method }), 'not_found')
  })

  it('answers unknown paths outside the API with a problem', async () => {
    const { ask } = createTestServer()
    for (const path of ['/', '/nothing', '/favicon.ico']) {
      const answer = await ask(path)
      expect(answer.status).toBe(404)
      expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
    }
  })

  it('exposes ETag and Retry-After to pages of other origins', async () => {
    const { ask } = createTestServer({ sites: ['shop'] })
    for (const path of ['/api/sites/shop/realtime', '/api/sites/other/realtime', '/api/health']) {
      const exposed = (await ask(path)).headers.get('Access-Control-Expose-Headers')
      expect(exposed).toContain('ETag')
      expect(exposed).toContain('Retry-After')
    }
  })

  it('answers an internal error with 500 without details, and reports it', async () => {
    const failure = new Error('the database of tokens is at 10.0.0.7')
    const reported: unknown[] = []
    const { ask } = createTestServer({
      onError: error => reported.push(error),
      access: {
        authorize: () => {
          throw failure
        },
      },
    })
    const problem = await expectProblem(await ask('/api/sites/shop/realtime'), 'internal')
    expect(JSON.stringify(problem)).not.toContain('10.0.0.7')
    expect(reported).toEqual([failure])
  })
})

describe('HEAD', () => {
  it.each(['realtime', 'realtime/frames', 'realtime/sse', 'realtime/ws', 'metrics', 'limits'])(
    'of %s answers at once like GET and leaves nothing open',
    async path => {
      const { ask, read } = createTestServer()
      const { cursor } = await read()
      const address = `/api/sites/shop/${path}${path.endsWith('frames') ? `?since=${String(cursor)}` : ''}`
      const get = await ask(address)
      await get.body?.cancel()
      const wait = path.endsWith('frames') ? '&wait=25' : ''
      const head = await ask(address + wait, { method: 'HEAD' })
      const headersOf = ({ headers }: Response): [string, string][] =>
        [...headers].filter(([name]) => name !== 'x-request-id')
      expect([head.status, headersOf(head)]).toEqual([get.status, headersOf(get)])
      expect(await head.text()).toBe('')
      expect(await (await ask('/api/health')).json()).toMatchObject({ streams: 0, longPolls: 0 })
    },
  )
})

describe('GET /tidemark.js', () => {
  it.each(['/tidemark.js', '/api/tidemark.js'])('allows only GET at %s', async path => {
    const { ask } = createTestServer()
    expect((await ask(path)).status).not.toBe(405)
    const answer = await ask(path, { method: 'POST' })
    expect(answer.headers.get('Allow')).toBe('GET')
    await expectProblem(answer, 'method_not_allowed')
  })
})

describe('GET /health', () => {
  it('reports the number of sites and open connections', async () => {
    const { ask, send } = createTestServer()
    await send(view)
    await send(view, { site: 'blog' })
    expect(await (await ask('/api/health')).json()).toEqual({
      status: 'ok',
      sites: 2,
      sockets: 0,
      streams: 0,
      longPolls: 0,
    })
    expect((await ask('/api/health', { method: 'HEAD' })).status).toBe(200)
    expect((await ask('/api/health', { method: 'POST' })).headers.get('Allow')).toBe('GET')
  })
})

describe('A mounted app', () => {
  function mount(options: TidemarkOptions = {}) {
    const server = createTestServer({ sites: ['shop'], ...options })
    const host = new Hono()
    host.get('/', c => c.text('the shop'))
    host.route('/stats/v1', server.tidemark.app)
    host.get('/stats', c => c.text('a page about numbers'))
    return { ...server, host }
  }

  it('serves the API below its path', async () => {
    const { host, clock } = mount()
    const sent = await host.request('/stats/v1/sites/shop/events', {
      method: 'POST',
      body: JSON.stringify(view),
    })
    expect(sent.status).toBe(202)
    clock.advance(1000)
    const answer = await host.request('/stats/v1/sites/shop/realtime')
    expect(await answer.json()).toMatchObject({ currentVisitors: 1, pageViews: 1 })
    const again = await host.request('/stats/v1/sites/shop/realtime', {
      headers: { 'If-None-Match': answer.headers.get('ETag') ?? '' },
    })
    expect(again.status).toBe(304)
    await expectProblem(await host.request('/stats/v1/sites/other/realtime'), 'site_unknown')
    await expectProblem(await host.request('/stats/v1/sites/shop/events'), 'method_not_allowed')
    expect((await host.request('/stats/v1/health')).status).toBe(200)
  })

  it('leaves other paths to the host', async () => {
    const { host } = mount()
    expect(await (await host.request('/')).text()).toBe('the shop')
    expect(await (await host.request('/stats')).text()).toBe('a page about numbers')
    expect((await host.request('/api/sites/shop/realtime')).status).toBe(404)
  })

  it('answers 426 at the WebSocket path without an upgrade', async () => {
    const { host } = mount()
    const answer = await host.request('/stats/v1/sites/shop/realtime/ws')
    expect(answer.headers.get('Upgrade')).toBe('websocket')
    await expectProblem(answer, 'upgrade_required')
  })

  it.each(['/sites/shop/realtime', '/tidemark.js'])(
    'forbids caching of %s for a handshake, whose body the host may drop',
    async path => {
      const { host } = mount({})
      const headers = { Connection: 'keep-alive, Upgrade', Upgrade: 'websocket' }
      const cachingOf = async (init: RequestInit): Promise<string | null> =>
        (await host.request(`/stats/v1${path}`, init, {})).headers.get('Cache-Control')
      expect(await cachingOf({})).toContain('public')
      expect(await cachingOf({ headers })).toBe('no-store')
    },
  )
})

it('API: evicts unused sites that readers invented', async () => {
  const { ask, send } = createTestServer()
  for (let count = 0; count < 1200; count++) await ask(`/api/sites/made-up-${count}/realtime`)
  expect((await send(view, { site: 'real' })).status).toBe(202)
})

it('API: answers too_busy when all sites are in use', async () => {
  const { ask, send } = createTestServer()
  for (let count = 0; count < 1000; count++) await send(view, { site: `site-${count}` })
  const refused = await ask('/api/sites/one-more/realtime')
  expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0)
  await expectProblem(refused, 'too_busy')
  await expectProblem(await send(view, { site: 'one-more' }), 'too_busy')
  expect((await ask('/api/sites/site-7/realtime')).status).toBe(200)
})

describe('GET limits', () => {
  const limitsOf = async ({ ask }: ReturnType<typeof createTestServer>): Promise<LimitsAnswer> => {
    const answer = await ask('/api/sites/shop/limits')
    expect(answer.headers.get('Cache-Control')).toBe('no-store')
    return (await answer.json()) as LimitsAnswer
  }

  it('reports duplicates and rejected events by code', async () => {
    const server = createTestServer()
    const { send, clock } = server
    const old = clock.now() - 49 * 3_600_000
    await send({ events: [{}, { name: 'x', timestamp: old }, { name: 'y', n: 0 }, { name: 'z' }] })
    await send({ events: [{}] })
    const batch = { client: 'c', events: [{ n: 1, name: 'x' }] }
    await send(batch)
    await send(batch)
    expect((await limitsOf(server)).sinceStart).toEqual({
      repeated: 1,
      unnumbered: 1,
      refused: {},
      limited: {},
      rejected: { name_invalid: 2, too_old: 1, n_invalid: 1 },
      otherHost: 0,
      clamped: 0,
      excluded: 0,
    })
  })

  it('reports refused requests and clamped timestamps', async () => {
    const server = createTestServer()
    const { send, clock } = server
    const tooLarge = 'x'.repeat(600_000)
    await send({ name: 'x', timestamp: clock.now() + 5000 })
    await send({ name: 'x', timestamp: clock.now() })
    const endless = { method: 'POST', body: new Blob([tooLarge]).stream(), duplex: 'half' }
    const answers = [
      ...[await send('['), await send('{"sentAt":"now","events":[]}'), await send(tooLarge)],
      await send('{}', { headers: { 'Content-Encoding': 'gzip' } }),
      await server.ask('/api/sites/shop/events', endless),
    ]
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 413, 415, 413])
    const closed = createTestServer({ access: { authorize: () => false } })
    expect((await closed.send(tooLarge)).status).toBe(403)
    expect((await limitsOf(server)).sinceStart).toMatchObject({
      refused: { body_invalid: 1, batch_invalid: 1, body_too_large: 2, encoding_unsupported: 1 },
      otherHost: 0,
      clamped: 1,
    })
  })

  it('reports each bound with its overflow', async () => {
    const server = createTestServer()
    const events = Array.from({ length: 2000 }, (_, index) => ({ name: `event ${index}` }))
    await server.send({ events: events.slice(0, 1000) })
    await server.send({ events: events.slice(1000) })
    // Names are evicted when there are twice as many as the bound.
    expect((await limitsOf(server)).limits['maxBreakdownRows']).toEqual({
      limit: 1000,
      overflow: 0,
    })
    await server.send({ events: [{ name: 'one more' }] })
    const { limits } = await limitsOf(server)
    expect(limits['maxBreakdownRows']).toEqual({ limit: 1000, overflow: 1001 })
    expect(limits['maxClients']).toEqual({ limit: 1_000_000, overflow: 0 })
    expect(limits['maxLiveNames']).toEqual({ limit: 200, overflow: 1801 })
    expect(Object.keys(limits)).toHaveLength(10)
  })

  it('reports one site only', async () => {
    const server = createTestServer()
    await server.send({ events: [{}] }, { site: 'blog' })
    expect((await limitsOf(server)).sinceStart.rejected).toEqual({})
  })
})
