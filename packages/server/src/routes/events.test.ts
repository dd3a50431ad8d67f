import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { type Log, type LogRecord, LogUnavailableError, type Settings } from '../log/log.ts'
import { createMemoryLog } from '../log/memory.ts'
import { parseDecision } from '../ingest/decide.ts'
import { createVisitorIds } from '../ingest/visitor.ts'
import { createSites } from '../sites/sites.ts'
import { createManualClock } from '../testing/clock.ts'
import type { RouteEnv } from './context.ts'
import { createEventIntake } from './event-intake.ts'
import { createEventsRoute } from './events.ts'

const noRoom = new LogUnavailableError('There is no room')

/** Creates the route over a log that a test can break. */
function setUp() {
  const clock = createManualClock()
  const memory = createMemoryLog({ now: clock.now() })
  const broken = { append: undefined as Error | undefined, set: undefined as Error | undefined }
  const settings: Settings = {
    get: memory.settings.get,
    set(name, value) {
      if (broken.set) throw broken.set
      memory.settings.set(name, value)
    },
  }
  const log: Log = {
    ...memory,
    settings,
    append: record => (broken.append ? Promise.reject(broken.append) : memory.append(record)),
  }
  const sites = createSites({ log, clock })
  const events = createEventsRoute(
    createEventIntake({
      sites,
      clock,
      proxies: { addressOf: () => '192.0.2.1', countryOf: () => undefined },
      visitorOf: createVisitorIds(settings),
    }),
  )
  const app = new Hono<RouteEnv>()
  const failures: unknown[] = []
  app.post('/events', c => {
    const site = sites.open('shop')
    if (!site) return c.text('', 429)
    c.set('site', site)
    return events(c)
  })
  app.onError((error, c) => {
    failures.push(error)
    return c.text('', 500)
  })
  const send = (body: unknown) =>
    app.request('/events', { method: 'POST', body: JSON.stringify(body) })
  return { broken, clock, sites, send, failures }
}

const view = { client: 'c', events: [{ n: 1, name: 'page_view', visitorId: 'v' }] }

describe('POST events: the log cannot be written', () => {
  it('answers 503 with Retry-After and counts nothing', async () => {
    const { broken, sites, send } = setUp()
    broken.append = noRoom
    const answer = await send(view)
    expect(answer.status).toBe(503)
    expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0)
    expect(answer.headers.get('Cache-Control')).toBe('no-store')
    expect(await answer.json()).toMatchObject({ code: 'log_unavailable' })
    expect(sites.open('shop')?.state.events(5)).toEqual([])
  })

  it('does not update presence, as the whole batch comes again', async () => {
    const { broken, sites, send } = setUp()
    broken.append = noRoom
    await send({ visitorId: 'v', events: [{ name: 'heartbeat' }, { name: 'page_view' }] })
    expect(sites.open('shop')?.state.currentVisitors()).toBe(0)
  })

  it('accepts heartbeats, which are not logged', async () => {
    const { broken, sites, send } = setUp()
    await send(view)
    broken.append = noRoom
    expect((await send({ name: 'heartbeat', visitorId: 'w' })).status).toBe(202)
    expect(sites.open('shop')?.state.currentVisitors()).toBe(2)
  })

  it('counts the batch once when the log works again', async () => {
    const { broken, sites, send } = setUp()
    broken.append = noRoom
    expect((await send(view)).status).toBe(503)
    broken.append = undefined
    expect((await send(view)).status).toBe(202)
    expect((await send(view)).status).toBe(202)
    expect(sites.open('shop')?.state.events(5)).toEqual([{ name: 'page_view', count: 1 }])
  })

  it('counts rejected events once, and each refusal', async () => {
    const { broken, sites, send } = setUp()
    const batch = { ...view, events: [...view.events, {}] }
    broken.append = noRoom
    for (const status of [503, 503]) expect((await send(batch)).status).toBe(status)
    broken.append = undefined
    expect((await send(batch)).status).toBe(202)
    expect(sites.open('shop')?.intake).toEqual({
      refused: new Map([['log_unavailable', 2]]),
      limited: new Map(),
      rejected: new Map([['name_invalid', 1]]),
      excluded: 0,
      accepted: 1,
      otherHost: 0,
      clamped: 0,
    })
    expect(sites.open('shop')?.warnings.list()).toMatchObject([
      { kind: 'log_unavailable', count: 2 },
      { kind: 'name_invalid', count: 1 },
    ])
  })

  it('answers 503 when the salt of a new day cannot be stored', async () => {
    const { broken, send, failures } = setUp()
    broken.set = noRoom
    const answer = await send({ name: 'page_view' })
    expect(answer.status).toBe(503)
    expect(answer.headers.get('Retry-After')).not.toBeNull()
    broken.set = undefined
    expect((await send({ name: 'page_view' })).status).toBe(202)
    expect(failures).toEqual([])
  })
})

it('POST events: rethrows errors that are not of the log', async () => {
  const { broken, send, failures } = setUp()
  broken.append = new RangeError('a mistake')
  expect((await send(view)).status).toBe(500)
  expect(failures).toEqual([broken.append])
})

it('POST events: opens no other site for a refused body', async () => {
  const { sites, send } = setUp()
  expect((await send([])).status).toBe(400)
  expect(sites.count).toBe(1)
})

describe('POST events: a sender with a write key', () => {
  const browser = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1'
  const visit = { name: 'page_view', url: 'https://shop.example/a' }
  const facts = { address: '::ffff:198.51.100.77', userAgent: browser, country: 'fr' }

  /** Creates the route for a server at 192.0.2.1, or for a browser. */
  function setUpSender(hasWriteKey: boolean, address: string) {
    const clock = createManualClock()
    const log = createMemoryLog({ now: clock.now() })
    const records: LogRecord[] = []
    const append: Log['append'] = record => {
      records.push(record)
      return log.append(record)
    }
    const sites = createSites({ log: { ...log, append }, clock })
    const events = createEventsRoute(
      createEventIntake({
        sites,
        clock,
        proxies: { addressOf: () => address, countryOf: () => 'DE' },
        visitorOf: (site, from, agent) => `~${site} ${from} ${agent}`,
      }),
    )
    const app = new Hono<RouteEnv>().post('/', c => {
      const site = sites.open('shop')
      if (!site) throw new Error('No room for the site.')
      c.set('site', site)
      c.set('hasWriteKey', hasWriteKey)
      return events(c)
    })
    const send = (body: object, userAgent = 'node', headers: object = {}) =>
      app.request('/', {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'User-Agent': userAgent, ...headers },
      })
    const readDecision = () => parseDecision(records[0]?.decision ?? '{}')
    return { send, records, readDecision, state: () => sites.open('shop')?.state }
  }

  it('sends for a visitor as the browser of this visitor does', async () => {
    const server = setUpSender(true, '192.0.2.1')
    await server.send({ ...facts, events: [visit] })
    const direct = setUpSender(false, '198.51.100.77')
    await direct.send({ events: [visit] }, browser)
    const { visitor, device, os } = server.readDecision()
    const expected = direct.readDecision()
    expect({ visitor, device, os }).toEqual({
      visitor: expected.visitor,
      device: 'mobile',
      os: 'iOS',
    })
    expect(server.readDecision().country).toBe('FR')
  })

  it('logs the versions, the language and the bot that headers, hints and the batch tell', async () => {
    const chrome =
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'
    const headers = {
      ...{ 'Sec-CH-UA-Platform': '"Windows"', 'Sec-CH-UA-Platform-Version': '"15.0.0"' },
      'Accept-Language': 'de-AT,de;q=0.9',
    }
    const browserOf = async (body: object, userAgent: string, more: object = headers) => {
      const { send, readDecision } = setUpSender(false, '192.0.2.1')
      await send({ events: [visit], ...body }, userAgent, more)
      const { browserVersion, osVersion, language, bot } = readDecision()
      return [browserVersion, osVersion, language, bot]
    }
    expect(await browserOf({}, chrome)).toEqual(['Chrome 142', 'Windows 11', 'de', undefined])
    expect(await browserOf({}, chrome, {})).toEqual([
      ...['Chrome 142', 'Windows (unknown)', undefined, undefined],
    ])
    const mac =
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15'
    expect(await browserOf({ touch: 5 }, mac, {})).toEqual([
      ...['Safari 26', 'iOS 26', undefined, undefined],
    ])
    expect((await browserOf({}, 'curl/8.5.0', {})).at(3)).toBe('curl')
    expect((await browserOf({ automated: true }, chrome)).at(3)).toBe('Automated browser')
  })

  it('takes neither hints nor language of a server for those of its visitors', async () => {
    const { send, readDecision } = setUpSender(true, '192.0.2.1')
    const headers = {
      ...{ 'Accept-Language': 'fr', 'Sec-CH-UA': '"HeadlessChrome";v="142"' },
    }
    await send({ ...facts, events: [visit] }, 'node', headers)
    expect(readDecision()).toMatchObject({ os: 'iOS' })
    expect(readDecision().language).toBeUndefined()
    expect(readDecision().bot).toBeUndefined()
  })

  it('leaves neither address nor user agent in the log', async () => {
    for (const isTrusted of [true, false]) {
      const { send, records } = setUpSender(isTrusted, '192.0.2.1')
      await send({ ...facts, events: [visit, { ...visit, address: '198.51.100.78' }] })
      expect(records).toHaveLength(1)
      const body = records[0]?.body
      expect(body).toContain('shop.example')
      expect(body).not.toMatch(/198\.51|iPhone|country/)
    }
  })

  it('cannot be a page: facts without a key are ignored', async () => {
    const { send, readDecision } = setUpSender(false, '192.0.2.1')
    await send({ ...facts, events: [visit] })
    expect(readDecision()).toMatchObject({ country: 'DE', visitor: '~shop 192.0.2.1 node' })
  })

  it('moves the presence of people, and not that of crawlers', async () => {
    const { send, state } = setUpSender(true, '192.0.2.1')
    const beat = { name: 'heartbeat', url: 'https://shop.example/a' }
    await send({
      events: [
        { ...beat, userAgent: browser },
        { ...beat, userAgent: 'Googlebot/2.1' },
      ],
    })
    expect(state()?.currentVisitors()).toBe(1)
  })
})
