import { channelNames, errors, eventErrors } from '@tidemark/protocol'
import { type TidemarkOptions, createTidemark } from '@tidemark/server'
import { sign } from 'hono/jwt'
import { describe, expect, it, onTestFinished } from 'vitest'
import { curlCommands, runCurl } from './curl.ts'
import { namesIn, readPage } from './page.ts'

const {
  text: page,
  blocks: codeBlocks,
  tableAfter,
  tableHeaded,
} = await readPage('docs/http-api.md')
const allCommands = codeBlocks('sh').flatMap(curlCommands)
const usesKey = (command: string): boolean => command.includes('$KEY')
const commands = allCommands.filter(command => !usesKey(command))
const json: unknown[] = codeBlocks('json').map(block => JSON.parse(block))

const hourMs = 3_600_000

/** A server in this process, with a fixed time. */
function createServer(options: TidemarkOptions = {}, now = 1_790_000_000_000) {
  const tidemark = createTidemark({ clock: { now: () => now, after: () => () => {} }, ...options })
  onTestFinished(() => tidemark.close())
  const get = (path: string): Promise<Response> =>
    Promise.resolve(tidemark.fetch(new Request(`http://localhost/api${path}`)))
  return { tidemark, get }
}

/** Names in quotes in an error text, without the invalid value `unknown`. */
function quotedIn(detail: string): Set<string | undefined> {
  const names = [...detail.matchAll(/['`](\w+)['`]/g)].map(([, name]) => name)
  return new Set(names.filter(name => name !== 'unknown'))
}

const withoutCode = (cell: string | undefined): string => cell?.replaceAll('`', '') ?? ''

describe('docs/http-api.md: examples', () => {
  it('begin with commands that send an event and read the live state', async () => {
    const { tidemark } = createServer()
    const [send = '', read = ''] = commands
    expect((await runCurl(tidemark, send)).status).toBe(202)
    const state = await (await runCurl(tidemark, read)).json()
    const { cursor: _, at: __, ...shown } = Object(json[0])
    expect(state).toMatchObject(shown)
    expect(Object.keys(state)).toEqual(Object.keys(Object(json[0])))
  })

  it('send a batch', async () => {
    const { tidemark } = createServer()
    const answer = await runCurl(tidemark, commands[2] ?? '')
    expect(answer.status).toBe(202)
    expect(await answer.json()).toEqual(json[1])
  })

  it('send for a visitor with a write key', async () => {
    const key = 'k'.repeat(32)
    const { tidemark, get } = createServer({ sites: [{ id: 'shop', writeKeys: [key] }] })
    const command = allCommands.find(usesKey) ?? ''
    expect((await runCurl(tidemark, command.replace('$KEY', key))).status).toBe(202)
    expect((await runCurl(tidemark, command.replace('$KEY', 'wrong'))).status).toBe(401)
    const state = await (await get('/sites/shop/realtime?channels=devices')).json()
    expect(state.devices).toEqual([{ device: 'mobile', visitors: 1 }])
  })

  it('show the members of a snapshot', async () => {
    const { tidemark } = createServer()
    const answer = await runCurl(tidemark, commands[3] ?? '')
    expect(Object.keys(await answer.json())).toEqual(Object.keys(Object(json[2])))
  })

  it('show the visitors of pages', async () => {
    const { tidemark } = createServer()
    for (const visitorId of ['a', 'b']) {
      const event = { name: 'page_view', visitorId, url: 'https://shop.example/boots' }
      const body = JSON.stringify(event)
      const url = 'https://stats.example/api/sites/demo/events'
      await tidemark.fetch(new Request(url, { method: 'POST', body }))
    }
    const answer = await runCurl(tidemark, commands[4] ?? '')
    const { pageVisitors, ...others } = await answer.json()
    const shown = Object(json[3])
    expect(pageVisitors).toEqual(shown.pageVisitors)
    expect([...Object.keys(others), 'pageVisitors']).toEqual(Object.keys(shown))
  })

  it('show live properties', async () => {
    const { tidemark } = createServer()
    const events = ['pro', 'pro', 'free'].map((plan, index) => ({
      ...{ name: 'purchase', visitorId: `v${index}`, properties: { plan } },
    }))
    const url = 'https://stats.example/api/sites/demo/events'
    await tidemark.fetch(new Request(url, { method: 'POST', body: JSON.stringify({ events }) }))
    const answer = await runCurl(tidemark, commands[5] ?? '')
    const { properties, ...others } = await answer.json()
    const shown = Object(json[4])
    expect(properties).toEqual(shown.properties)
    expect([...Object.keys(others), 'properties']).toEqual(Object.keys(shown))
  })

  it('show the members of frames and of the error for a future cursor', async () => {
    const { tidemark, get } = createServer()
    const command = (commands[6] ?? '').replace('&wait=25', '')
    const gone = await runCurl(tidemark, command)
    expect(gone.status).toBe(410)
    expect(await gone.json()).toMatchObject({ code: 'cursor_gone', reason: 'future' })
    const { cursor } = await (await get('/sites/demo/realtime?channels=currentVisitors')).json()
    const frames = await runCurl(tidemark, command.replace(/since=[\d.]+/, `since=${cursor}`))
    expect(new Set(Object.keys(await frames.json()))).toEqual(new Set(Object.keys(Object(json[5]))))
  })

  it('show the members of history', async () => {
    const { tidemark } = createServer()
    const answer = await runCurl(tidemark, commands[7] ?? '')
    expect(answer.status).toBe(200)
    const { totals, buckets, ...history } = await answer.json()
    const shown = Object(json[6])
    expect(Object.keys(history)).toEqual(
      Object.keys(shown).filter(name => name !== 'totals' && name !== 'buckets'),
    )
    expect(Object.keys(totals)).toEqual(Object.keys(shown.totals))
    expect(Object.keys(buckets[0])).toEqual(Object.keys(shown.buckets[0]))
  })

  it('show the warnings of a site', async () => {
    const now = 1_790_000_000_000
    const { tidemark } = createServer({}, now)
    const events = Array.from({ length: 12 }, (_, n) => ({
      ...{ n: n + 1, name: 'a', visitorId: 'v', timestamp: now + hourMs },
    }))
    const url = 'https://stats.example/api/sites/demo/events'
    const body = JSON.stringify({ client: 'c', events })
    await tidemark.fetch(new Request(url, { method: 'POST', body }))
    const command = commands.find(each => each.includes('/warnings')) ?? ''
    const answer = await runCurl(tidemark, command)
    expect(await answer.json()).toEqual(json.find(shown => Object(shown).warnings))
  })

  it('send a token', async () => {
    const secret = 'x'.repeat(32)
    const token = await sign({ aud: 'tidemark', site: 'demo', scope: 'read' }, secret, 'HS256')
    const { tidemark } = createServer({ access: { tokens: { secret } } })
    const command = commands.find(each => each.includes('$TOKEN')) ?? ''
    expect((await runCurl(tidemark, command, { TOKEN: token })).status).toBe(200)
    expect((await runCurl(tidemark, command)).status).toBe(401)
  })
})

describe('docs/http-api.md: errors', () => {
  it('lists each error with its status and title', () => {
    const documented = tableAfter('## Errors').map(([code, status, title]) => ({
      code: withoutCode(code),
      status: Number(status),
      title,
    }))
    const catalog = Object.entries(errors).map(([code, { status, title }]) => ({
      code,
      status,
      title,
    }))
    const byCode = (a: { code: string }, b: { code: string }): number => (a.code < b.code ? -1 : 1)
    expect(documented.toSorted(byCode)).toEqual(catalog.toSorted(byCode))
  })

  it('lists each code of a rejected event with its reason', () => {
    const documented = tableAfter('### Codes of rejected events').map(([code, reason]) => [
      withoutCode(code),
      reason,
    ])
    expect(documented).toEqual(Object.entries(eventErrors))
  })
})

describe('docs/http-api.md: tables', () => {
  it('lists each channel', () => {
    expect(new Set(namesIn(tableHeaded('channel')))).toEqual(new Set(channelNames))
  })

  it('lists each limit with its value', async () => {
    const { get } = createServer()
    const { limits } = await (await get('/sites/demo/limits')).json()
    const documented = tableHeaded('limit').map(([name, value]) => [
      withoutCode(name),
      Number(value?.replaceAll(',', '')),
    ])
    const actual = Object.entries<{ limit: number }>(limits).map(([name, { limit }]) => [
      name,
      limit,
    ])
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(actual))
  })

  it('lists each counter since the start', async () => {
    const { get } = createServer()
    const { sinceStart } = await (await get('/sites/demo/limits')).json()
    const [, after = ''] = page.split('`sinceStart` counts since')
    const names = [...(after.split('\n\n')[1] ?? '').matchAll(/^\| `(\w+)`/gm)].map(
      ([, name]) => name,
    )
    expect(new Set(names)).toEqual(new Set(Object.keys(sinceStart)))
  })

  it('lists each counter of the health check', async () => {
    const { get } = createServer()
    const { status, ...counters } = await (await get('/health')).json()
    expect(status).toBe('ok')
    expect(namesIn(tableAfter('## Health'))).toEqual(Object.keys(counters))
  })

  it('lists each parameter of history', async () => {
    const { get } = createServer()
    const { detail } = await (await get('/sites/demo/metrics?unknown=1')).json()
    const [, after = ''] = page.split('cover the complete range.')
    const names = [...(after.split('\n\n')[1] ?? '').matchAll(/^\| `(\w+)`/gm)].map(
      ([, name]) => name,
    )
    expect(new Set(names)).toEqual(quotedIn(detail))
  })

  it('lists each dimension of a breakdown', async () => {
    const { get } = createServer()
    const { detail } = await (await get('/sites/demo/metrics?by=unknown')).json()
    const names = namesIn(tableAfter('### Breakdowns'))
    expect(new Set(names)).toEqual(quotedIn(detail))
    for (const name of names) {
      expect((await get(`/sites/demo/metrics?by=${name}`)).status).toBe(200)
    }
  })

  it('has the default range and the longest range of each granularity', async () => {
    const { get } = createServer({}, Date.UTC(2026, 10, 22, 10, 30, 20))
    const rows = tableHeaded('`granularity`').map(row => row.map(withoutCode))
    expect(rows).toHaveLength(4)
    for (const [granularity = '', , most = '', lasting = ''] of rows) {
      const query = `/sites/demo/metrics?granularity=${granularity}`
      const { buckets } = await (await get(query)).json()
      expect(lasting).toBe(`the last ${buckets.length} ${granularity}s`)
      const { detail } = await (await get(`${query}&from=0`)).json()
      expect(detail).toMatch(new RegExp(`\\b${most.replace(',', '')}\\b`))
    }
  })

  it('has the caching of each response', async () => {
    const open = createServer()
    const closed = createServer({ access: { authorize: () => true } })
    const caching = new Map(
      tableAfter('## Caching').map(([name = '', value]) => [withoutCode(name), withoutCode(value)]),
    )
    const header = async (answer: Promise<Response>): Promise<string> =>
      (await answer).headers.get('Cache-Control') ?? 'none'
    expect(await header(open.get('/sites/demo/realtime'))).toBe(caching.get('realtime'))
    expect(await header(closed.get('/sites/demo/realtime'))).toBe(
      caching.get('… with access control'),
    )
    expect(caching.get('metrics')).toBe('as realtime')
    expect(await header(open.get('/sites/demo/metrics'))).toBe(caching.get('realtime'))
    expect(await header(closed.get('/sites/demo/metrics'))).toBe(
      caching.get('… with access control'),
    )
    expect(await header(open.get('/health'))).toBe(caching.get('/health'))
    expect(await header(open.get('/tidemark.js'))).toBe(caching.get('/tidemark.js'))
    const tag = (await open.tidemark.scriptTag({ site: 'demo', url: '' })) ?? ''
    const [, versioned = ''] = /src="([^"]+)"/.exec(tag) ?? []
    expect(await header(open.get(versioned))).toBe(caching.get('/tidemark.VERSION.js'))
    expect(await header(open.get('/sites/demo/limits'))).toBe(caching.get('all others, and errors'))
    expect(await header(open.get('/nothing'))).toBe(caching.get('all others, and errors'))
  })
})

describe('docs/http-api.md: rules', () => {
  it('has the forms of time that history accepts', async () => {
    const { get } = createServer({}, Date.UTC(2026, 10, 22, 10, 30, 20))
    const read = async (query: string): Promise<unknown> => {
      const { from, to, code } = await (await get(`/sites/demo/metrics?${query}`)).json()
      return code ?? [from, to].map(time => new Date(time).toISOString().slice(0, 16))
    }
    // Without `to` the range ends with the current minute; without `from` it begins an hour before its end.
    expect(await read('')).toEqual(['2026-11-22T09:31', '2026-11-22T10:31'])
    expect(await read('to=2026-11-22T10:00Z')).toEqual(['2026-11-22T09:00', '2026-11-22T10:00'])
    const [, zoned = ''] = /`(2026-11-22T\d\d:\d\d%2B[^`]+)`/.exec(page) ?? []
    expect(await read(`from=${zoned}`)).toEqual(['2026-11-22T10:00', '2026-11-22T10:31'])
    expect(await read('from=2026-11-22')).toEqual(['2026-11-22T00:00', '2026-11-22T10:31'])
    for (const wrong of [decodeURIComponent(zoned), '2026-11-22T10:00', '22 November', 'now']) {
      expect(await read(`from=${wrong}`), wrong).toBe('query_invalid')
    }
  })

  it('has the form of site IDs', async () => {
    const { get } = createServer()
    const statusOf = async (id: string): Promise<number> =>
      (await get(`/sites/${id}/realtime`)).status
    for (const id of ['a', '7', 'My-shop_1.example', 'x'.repeat(64)]) {
      expect(await statusOf(id), id).toBe(200)
    }
    for (const id of ['-a', '_a', '.a', 'x'.repeat(65), 'ä']) {
      expect(await statusOf(id), id).toBe(404)
    }
  })

  it('has the age at which an event is too old', async () => {
    const now = 1_790_000_000_000
    const { tidemark } = createServer({}, now)
    const send = async (timestamp: number): Promise<unknown> => {
      const command = `curl "$API/sites/demo/events" -d '${JSON.stringify({ name: 'a', timestamp })}'`
      return (await runCurl(tidemark, command)).json()
    }
    expect(await send(now - 48 * hourMs)).toEqual({ accepted: 1, rejected: [] })
    expect(await send(now - 48 * hourMs - 1)).toMatchObject({ rejected: [{ code: 'too_old' }] })
  })
})
