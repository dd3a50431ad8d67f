import { describe, expect, it } from 'vitest'
import type { LimitsAnswer } from './routes/limits.ts'
import { createTestServer } from './testing/server.ts'
import { makeToken, secret, shopClaims } from './testing/token.ts'

const key = 'a-key-of-a-backend-with-32-bytes'
const shop = 'https://shop.example'
const evil = 'https://evil.example'
const view = { name: 'page_view', visitorId: 'v' }
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })

const create = () =>
  createTestServer({ sites: [{ id: 'shop', writeOrigins: [shop], writeKeys: [key] }, 'blog'] })

describe('POST events of a site with origins and keys', () => {
  it.each([
    ['a foreign origin', { Origin: evil }, 403, 'origin_refused'],
    ['an opaque origin', { Origin: 'null' }, 403, 'origin_refused'],
    ['a foreign origin with a key', { Origin: evil, ...bearer(key) }, 403, 'origin_refused'],
    ['neither origin nor key', {}, 401, 'key_missing'],
    ['a wrong key', bearer('b'.repeat(32)), 401, 'key_invalid'],
    ['a wrong key and an origin', { Origin: shop, ...bearer('b'.repeat(32)) }, 401, 'key_invalid'],
    ['a key in another scheme', { Authorization: `Basic ${key}` }, 401, 'key_missing'],
  ])('refuses %s, and accepts no event', async (_, headers, status, code) => {
    const { send, read, ask } = create()
    const answer = await send(view, { headers })
    expect([answer.status, await answer.json()]).toMatchObject([status, { code }])
    expect((await read('?channels=currentVisitors'))['currentVisitors']).toBe(0)
    const limits = (await (await ask('/api/sites/shop/limits')).json()) as LimitsAnswer
    expect(limits.sinceStart.refused).toEqual({ [code]: 1 })
  })

  it('lets a refused page read the refusal, which names the origin and the remedy', async () => {
    const { send } = create()
    const answer = await send(view, { headers: { Origin: evil } })
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
    const { detail } = (await answer.json()) as { detail: string }
    expect(detail).toContain(`"${evil}"`)
    expect(detail).toContain('`writeOrigins`')
  })

  it('challenges senders without a valid key', async () => {
    const { send } = create()
    const missing = await send(view)
    expect(missing.headers.get('WWW-Authenticate')).toBe('Bearer realm="tidemark"')
    const wrong = await send(view, { headers: bearer('wrong') })
    expect(wrong.headers.get('WWW-Authenticate')).toContain('error="invalid_token"')
  })

  it('accepts its origins without a preflight, and its keys without an origin', async () => {
    const { send, clock, read } = create()
    const fromPage = await send(view, { headers: { Origin: shop, 'Content-Type': 'text/plain' } })
    expect(fromPage.status).toBe(202)
    expect(fromPage.headers.get('Access-Control-Allow-Origin')).toBe('*')
    expect((await send({ ...view, visitorId: 'w' }, { headers: bearer(key) })).status).toBe(202)
    clock.advance(1000)
    expect((await read('?channels=currentVisitors'))['currentVisitors']).toBe(2)
  })

  it('restricts neither other sites nor reading', async () => {
    const { send, ask } = create()
    expect((await send(view, { site: 'blog', headers: { Origin: evil } })).status).toBe(202)
    expect((await send(view, { site: 'blog', headers: bearer('x') })).status).toBe(202)
    const read = await ask('/api/sites/shop/realtime', { headers: { Origin: evil } })
    expect(read.status).toBe(200)
    expect(read.headers.get('Access-Control-Allow-Origin')).toBe('*')
  })
})

describe('POST events of a site with origins, on a server that requires tokens', () => {
  it('takes the token in place of a key, and checks the origin as well', async () => {
    const { send } = createTestServer({
      sites: [{ id: 'shop', writeOrigins: [shop] }],
      access: { tokens: { secret, scopes: ['write'] } },
    })
    const token = bearer(makeToken({ ...shopClaims, scope: 'write' }))
    expect((await send(view, { headers: token })).status).toBe(202)
    expect((await send(view, { headers: { ...token, Origin: shop } })).status).toBe(202)
    expect((await send(view, { headers: { ...token, Origin: evil } })).status).toBe(403)
    expect(await (await send(view, { headers: { Origin: shop } })).json()).toMatchObject({
      code: 'token_missing',
    })
  })

  it('excludes keys', () => {
    const access = { tokens: { secret, scopes: ['write'] as const } }
    expect(() => createTestServer({ sites: [{ id: 'shop', writeKeys: [key] }], access })).toThrow(
      'sites[0].writeKeys: ',
    )
  })
})
