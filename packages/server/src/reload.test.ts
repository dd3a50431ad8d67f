import { describe, expect, it } from 'vitest'
import { createTestServer } from './testing/server.ts'
import type { Tidemark } from './tidemark.ts'
import { makeToken, secret, shopClaims, signWith } from './testing/token.ts'

const decoder = new TextDecoder()
const nextSecret = 'another secret, which is as long as the first'
const oldToken = makeToken(shopClaims)
const newToken = makeToken(shopClaims, undefined, signWith(nextSecret))
const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } })

/** Reads an event stream until it ends, or until the text so far matches. */
async function readUntil({ body }: Response, pattern: RegExp): Promise<string> {
  let text = ''
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk)
    if (pattern.test(text)) return text
  }
  return text
}

const refusal = /"type":"bye","code":4401,"retry":[1-4]?\d{1,3}\}/

describe('Tidemark.reload: sites', () => {
  it('accepts a new site, and refuses a removed one, whose streams end', async () => {
    const { tidemark, ask, send } = createTestServer({ sites: ['shop', 'blog'] })
    const shop = await ask('/api/sites/shop/realtime/sse')
    const blog = await ask('/api/sites/blog/realtime/sse')
    await tidemark.reload({ sites: ['blog', 'news'] })
    expect(await readUntil(shop, /^$/)).toMatch(refusal)
    expect(await readUntil(blog, /hello[^]*snapshot/)).not.toContain('bye')
    const statuses = ['shop', 'blog', 'news'].map(async site => (await send([], { site })).status)
    expect(await Promise.all(statuses)).toEqual([404, 400, 400])
  })

  it('keeps the numbers of a removed site until it is added again', async () => {
    const { tidemark, ask, send, read } = createTestServer({ sites: ['shop'] })
    await send({ name: 'page_view', url: 'https://shop.example/' })
    await tidemark.reload({ sites: ['blog'] })
    expect((await ask('/api/sites/shop/realtime')).status).toBe(404)
    await tidemark.reload({ sites: ['shop'] })
    expect(await read()).toMatchObject({ currentVisitors: 1 })
  })

  it('refuses a waiting request for frames of a removed site', async () => {
    const { tidemark, ask, read } = createTestServer({ sites: ['shop', 'blog'] })
    const { cursor } = await read()
    const waiting = ask(`/api/sites/shop/realtime/frames?since=${String(cursor)}&wait=25`)
    await ask('/api/health')
    await tidemark.reload({ sites: ['blog'] })
    expect((await waiting).status).toBe(404)
  })
})

describe('Tidemark.reload: access', () => {
  it('ends the streams of a removed secret only', async () => {
    const { tidemark, ask } = createTestServer({
      access: { tokens: { secret: [nextSecret, secret] } },
    })
    const before = await ask('/api/sites/shop/realtime/sse', bearer(oldToken))
    const after = await ask('/api/sites/shop/realtime/sse', bearer(newToken))
    await tidemark.reload({ access: { tokens: { secret: nextSecret } } })
    expect(await readUntil(before, /^$/)).toMatch(refusal)
    expect(await readUntil(after, /hello[^]*snapshot/)).not.toContain('bye')
    expect((await ask('/api/sites/shop/realtime', bearer(oldToken))).status).toBe(401)
    expect((await ask('/api/sites/shop/realtime', bearer(newToken))).status).toBe(200)
  })

  it('ends open streams when reading begins to require a token, and makes answers private', async () => {
    const { tidemark, ask } = createTestServer()
    const stream = await ask('/api/sites/shop/realtime/sse')
    const cachingOf = async () =>
      (await ask('/api/sites/shop/realtime', bearer(oldToken))).headers.get('Cache-Control')
    expect(await cachingOf()).toContain('public')
    await tidemark.reload({ access: { tokens: { secret } } })
    expect(await readUntil(stream, /^$/)).toMatch(refusal)
    expect(await cachingOf()).toContain('private')
  })

  it('applies allowed origins to streams and to the headers of CORS', async () => {
    const { tidemark, ask } = createTestServer()
    const page = { headers: { Origin: 'https://dash.example' } }
    const stream = await ask('/api/sites/shop/realtime/sse', page)
    await tidemark.reload({ access: { allowedOrigins: ['https://other.example'] } })
    expect(await readUntil(stream, /^$/)).toMatch(refusal)
    const answer = await ask('/api/sites/shop/realtime', page)
    expect(answer.status).toBe(403)
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBeNull()
  })

  it('decides again about a request whose `authorize` has not answered yet', async () => {
    const answers: ((verdict: boolean) => void)[] = []
    const authorize = () => new Promise<boolean>(resolve => void answers.push(resolve))
    const { tidemark, ask } = createTestServer({ sites: ['shop'], access: { authorize } })
    const asked = ask('/api/sites/shop/realtime')
    while (answers.length === 0) await ask('/api/health')
    await tidemark.reload({ sites: ['blog'] })
    for (const answer of answers) answer(true)
    expect((await asked).status).toBe(404)
  })

  it('keeps the settings when the new ones are invalid', async () => {
    const { tidemark, ask } = createTestServer({ sites: ['shop'] })
    const invalid = { sites: ['blog'], access: { tokens: { secret: 'short' } } }
    await expect(tidemark.reload(invalid)).rejects.toThrow(TypeError)
    expect((await ask('/api/sites/shop/realtime')).status).toBe(200)
    expect((await ask('/api/sites/blog/realtime')).status).toBe(404)
  })
})

describe('Tidemark.reload', () => {
  it('counts goals by their new definition from then on', async () => {
    const { tidemark, send, read } = createTestServer({
      goals: [{ name: 'Bought', event: 'purchase' }],
    })
    await send({ name: 'purchase', visitorId: 'one' })
    await tidemark.reload({ goals: [{ name: 'Paid', event: 'purchase' }] })
    await send({ name: 'purchase', visitorId: 'two' })
    const { goals } = await read('?channels=goals')
    expect(goals).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ goal: 'Bought', count: 1 }),
        expect.objectContaining({ goal: 'Paid', count: 1 }),
      ]),
    )
  })

  it('names the changed options that need a restart', async () => {
    const { tidemark, clock } = createTestServer({
      connections: { maxPerSite: 5, heartbeatMs: 1000 },
      proxy: { trusted: ['10.0.0.0/8'] },
    })
    const next = {
      clock,
      sites: ['shop'],
      connections: { heartbeatMs: 1000 },
      proxy: { trusted: ['10.0.0.0/8'] },
      countryFile: 'countries.mmdb',
    }
    expect(await tidemark.reload(next)).toEqual({
      needsRestart: ['connections.maxPerSite', 'countryFile'],
    })
    expect(await tidemark.reload({})).toEqual({
      needsRestart: ['connections.maxPerSite', 'connections.heartbeatMs', 'proxy.trusted'],
    })
  })
})

describe('Tidemark.reload: guards', () => {
  const read = (tidemark: Tidemark, host: string, path = base): Promise<Response> =>
    Promise.resolve(
      tidemark.fetch(new Request(`http://${host}${path}`), { address: '198.51.100.7' }),
    )
  const base = '/api/sites/shop/limits'
  const options = { onError: () => {} }

  it('applies host names to the next request, at the root too', async () => {
    const { tidemark } = createTestServer(options)
    const statusesOf = async (host: string) =>
      (await Promise.all([read(tidemark, host), read(tidemark, host, '/tidemark.js')])).map(
        ({ status }) => status,
      )
    expect(await statusesOf('evil.example')).toEqual([200, 200])
    const listed = { ...options, hostNames: ['stats.example'] }
    expect(await tidemark.reload(listed)).toEqual({ needsRestart: [] })
    expect(await statusesOf('evil.example')).toEqual([421, 421])
    expect(await statusesOf('stats.example')).toEqual([200, 200])
    await expect(tidemark.reload({ hostNames: ['a b'] })).rejects.toThrow('hostNames[0]')
    expect(await statusesOf('evil.example')).toEqual([421, 421])
    await tidemark.reload(options)
    expect(await statusesOf('evil.example')).toEqual([200, 200])
  })

  it('applies changed rates, and counts on when the rates are the same', async () => {
    const ofRate = (readsPerSecondPerAddress: number) => ({
      ...options,
      rates: { readsPerSecondPerAddress, burstSeconds: 1 },
    })
    const { tidemark } = createTestServer(ofRate(1))
    const readStatus = async () => (await read(tidemark, 'stats.example')).status
    expect([await readStatus(), await readStatus()]).toEqual([200, 429])
    await tidemark.reload(ofRate(1))
    expect(await readStatus()).toBe(429)
    expect(await tidemark.reload(ofRate(2))).toEqual({ needsRestart: [] })
    expect([await readStatus(), await readStatus(), await readStatus()]).toEqual([200, 200, 429])
    await expect(tidemark.reload(ofRate(0))).rejects.toThrow('rates.readsPerSecondPerAddress')
    expect(await readStatus()).toBe(429)
  })
})
