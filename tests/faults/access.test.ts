import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { Problem, ServerMessage } from '@tidemark/protocol'
import { createLiveClient } from '@tidemark/sdk/live'
import { type TidemarkOptions, createTidemark } from '@tidemark/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

/** Who may read and who may not, over a real port, as a browser or an attacker would ask. */

const secret = randomBytes(32).toString('base64url')
const nowSeconds = (): number => Math.floor(Date.now() / 1000)
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

interface TokenOverrides {
  header?: object
  key?: string
  sign?: (text: string) => Buffer
}

/** A token by hand, so that any may be made. */
function createToken(claims: object = {}, forgery: TokenOverrides = {}): string {
  const { header = { alg: 'HS256', typ: 'JWT' }, key = secret } = forgery
  const hmac = (text: string): Buffer => createHmac('sha256', key).update(text).digest()
  const text = `${encode(header)}.${encode({ aud: 'tidemark', site: 'shop', scope: 'read', ...claims })}`
  return `${text}.${(forgery.sign ?? hmac)(text).toString('base64url')}`
}

async function serve(options: TidemarkOptions = {}) {
  const tidemark = createTidemark({ sites: ['shop', 'blog'], ...options })
  onTestFinished(() => tidemark.close())
  const { url } = await tidemark.listen({ port: 0 })
  const at = (site: string, path: string): string => `${url}/api/sites/${site}/${path}`
  return {
    url,
    get: (path: string, headers: Record<string, string> = {}, site = 'shop') =>
      fetch(at(site, path), { headers }),
    send: (body: object, site = 'shop') =>
      fetch(at(site, 'events'), { method: 'POST', body: JSON.stringify(body) }),
    open: (protocols: string[], headers: Record<string, string> = {}, site = 'shop') =>
      handshake(at(site, 'realtime/ws').replace('http:', 'ws:'), protocols, headers),
    sockets: async (): Promise<unknown> =>
      (await (await fetch(`${url}/api/health`)).json()).sockets,
  }
}

interface Opened {
  status: 101
  socket: WebSocket
  /** All that came so far. */
  messages: ServerMessage[]
}

/** What a handshake is answered with: an open socket, or a status and its headers. */
async function handshake(
  address: string,
  protocols: string[],
  headers: Record<string, string>,
): Promise<Opened | { status: number; challenge: string | undefined }> {
  const socket = new WebSocket(address, protocols, { headers })
  onTestFinished(() => socket.terminate())
  const messages: ServerMessage[] = []
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString())))
  socket.on('error', () => {})
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve({ status: 101, socket, messages }))
    socket.once('unexpected-response', (_, answer) => {
      resolve({ status: answer.statusCode ?? 0, challenge: answer.headers['www-authenticate'] })
      socket.terminate()
    })
    socket.once('close', () => reject(new Error('It ended without an answer.')))
  })
}

const withToken = (token: string): string[] => ['tidemark.v1', `tidemark.token.${token}`]

describe('a socket that takes a token', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const publicKey = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const byRsa = (text: string): Buffer => sign('sha256', Buffer.from(text), rsa.privateKey)
  const invalid = 'Bearer realm="tidemark", error="invalid_token"'

  it.each<[string, string[]]>([
    [
      'algorithm none',
      withToken(createToken({}, { header: { alg: 'none' }, sign: () => Buffer.of() })),
    ],
    ['algorithm none, signed', withToken(createToken({}, { header: { alg: 'none' } }))],
    ['another algorithm', withToken(createToken({}, { header: { alg: 'RS256' }, sign: byRsa }))],
    ['another secret', withToken(createToken({}, { key: 'x'.repeat(32) }))],
    ['another audience', withToken(createToken({ aud: 'other' }))],
    ['a token that has expired', withToken(createToken({ exp: nowSeconds() - 1 }))],
    ['a token of tomorrow', withToken(createToken({ nbf: nowSeconds() + 86_400 }))],
    ['a token that is cut off', withToken(createToken().slice(0, -1))],
    ['claims of a prototype', withToken(createToken(JSON.parse('{"__proto__":{},"aud":1}')))],
  ])('is refused before it opens with %s', async (_, protocols) => {
    const { open, sockets } = await serve({ access: { tokens: { secret } } })
    for (const site of ['shop', 'other']) {
      expect(await open(protocols, {}, site)).toEqual({ status: 401, challenge: invalid })
    }
    expect(await sockets()).toBe(0)
  })

  it.each<[string, object]>([
    ['another scope', { scope: 'write' }],
    ['another site', { site: 'elsewhere' }],
    ['no site', { site: undefined }],
  ])('is refused before it opens with a token that is good for %s', async (_, claims) => {
    const { open, sockets } = await serve({ access: { tokens: { secret } } })
    const challenge = 'Bearer realm="tidemark", error="insufficient_scope"'
    for (const site of ['shop', 'other']) {
      expect(await open(withToken(createToken(claims)), {}, site)).toEqual({
        status: 403,
        challenge,
      })
    }
    expect(await sockets()).toBe(0)
  })

  it('is refused before it opens with no token, in the address or a cookie neither', async () => {
    const { open, url, sockets } = await serve({ access: { tokens: { secret } } })
    const missing = { status: 401, challenge: 'Bearer realm="tidemark"' }
    const cookie = { Cookie: `token=${createToken()}` }
    for (const protocols of [[], ['tidemark.v1'], ['tidemark.v1', 'tidemark.token.']]) {
      for (const site of ['shop', 'other']) {
        expect(await open(protocols, cookie, site)).toEqual(missing)
      }
    }
    const address = `${url.replace('http:', 'ws:')}/api/sites/shop/realtime/ws?token=${createToken()}`
    expect(await handshake(address, ['tidemark.v1'], {})).toEqual(missing)
    expect(await sockets()).toBe(0)
  })

  it('is refused with what was signed with the text of a public key', async () => {
    const { open } = await serve({ access: { tokens: { publicKey, algorithm: 'RS256' } } })
    const good = createToken({}, { header: { alg: 'RS256' }, sign: byRsa })
    expect(await open(withToken(good))).toMatchObject({ status: 101 })
    for (const alg of ['HS256', 'RS256']) {
      const forged = createToken({}, { header: { alg }, key: publicKey })
      expect(await open(withToken(forged))).toEqual({ status: 401, challenge: invalid })
    }
  })

  it('does not open with a token that is too long, and others are served', async () => {
    const { open, get } = await serve({ access: { tokens: { secret } } })
    const long = createToken({ more: 'x'.repeat(7000) })
    expect(await open(withToken(long))).toEqual({ status: 401, challenge: invalid })
    // Node refuses so long a header before anybody is asked, and may end the connection before all of it is sent.
    const longest = open(withToken(createToken({ more: 'x'.repeat(1_000_000) })))
    const statusOrEnd = longest.then(({ status }) => status).catch(() => 'ended')
    expect([431, 'ended']).toContain(await statusOrEnd)
    const answer = await get('realtime', { Authorization: `Bearer ${createToken()}` })
    expect(answer.status).toBe(200)
  })

  it('opens with one in a subprotocol, which is not chosen, and never told', async () => {
    const { open } = await serve({ access: { tokens: { secret } } })
    for (const protocols of [withToken(createToken()), withToken(createToken()).toReversed()]) {
      const opened = await open(protocols)
      expect(opened).toMatchObject({ status: 101, socket: { protocol: 'tidemark.v1' } })
    }
  })

  it('opens with one in the Authorization header, with a subprotocol or none', async () => {
    const { open } = await serve({ access: { tokens: { secret } } })
    const headers = { Authorization: `Bearer ${createToken()}` }
    expect(await open(['tidemark.v1'], headers)).toMatchObject({ status: 101 })
    expect(await open([], headers)).toMatchObject({ status: 101, socket: { protocol: '' } })
  })

  it('has in its answer the subprotocol tidemark.v1 alone', async () => {
    const { url } = await serve({ access: { tokens: { secret } } })
    const token = `tidemark.token.${createToken()}`
    for (const [offered, chosen] of [
      [`tidemark.v1, ${token}`, 'tidemark.v1'],
      [`${token}, tidemark.v1`, 'tidemark.v1'],
      [token, undefined],
    ]) {
      const asking = request(`${url}/api/sites/shop/realtime/ws`, {
        headers: {
          Connection: 'Upgrade',
          Upgrade: 'websocket',
          'Sec-WebSocket-Version': '13',
          'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
          'Sec-WebSocket-Protocol': offered,
        },
      }).end()
      const [answer]: IncomingMessage[] = await once(asking, 'upgrade')
      answer?.socket.destroy()
      expect(answer?.statusCode).toBe(101)
      expect(answer?.headers['sec-websocket-protocol']).toBe(chosen)
      expect(JSON.stringify(answer?.rawHeaders)).not.toContain('tidemark.token')
    }
  })
})

describe('a socket whose token ends', () => {
  /** Seconds may have fractions (RFC 7519, section 2). */
  const lasting = (ms: number, claims: object = {}): string =>
    createToken({ ...claims, exp: (Date.now() + ms) / 1000 })

  async function openWith(token: string) {
    const { open } = await serve({ access: { tokens: { secret } } })
    const opened = await open(withToken(token))
    if (!('socket' in opened)) throw new Error('It is not open.')
    const { socket, messages } = opened
    const closed: number[] = []
    socket.on('close', code => closed.push(code))
    const typesOf = () => messages.map(({ type }) => type)
    return { socket, messages, closed, typesOf }
  }

  it('is told, and ends with it', async () => {
    const { messages, closed, typesOf } = await openWith(lasting(300))
    await expect.poll(() => closed, { timeout: 5000 }).toEqual([4401])
    expect(typesOf()).toContain('expiring')
    expect(messages.at(-1)).toEqual({ type: 'bye', code: 4401, retry: 0 })
  })

  it('ends with it though it shows one of another site, scope or secret', async () => {
    const { socket, messages, closed } = await openWith(lasting(500))
    for (const token of [
      createToken({ site: 'blog' }),
      createToken({ scope: 'write' }),
      createToken({}, { key: 'x'.repeat(32) }),
      lasting(-1),
    ]) {
      socket.send(JSON.stringify({ type: 'auth', token }))
    }
    const refused = () => messages.filter(each => 'code' in each && each.code === 'token_invalid')
    await expect.poll(() => refused().length).toBe(4)
    await expect.poll(() => closed, { timeout: 5000 }).toEqual([4401])
  })

  it('goes on with a fresh one', async () => {
    const { socket, closed, typesOf } = await openWith(lasting(500))
    socket.send(JSON.stringify({ type: 'auth', token: lasting(60_000) }))
    // The first comes a second after it opened.
    await expect.poll(typesOf, { timeout: 5000 }).toContain('ping')
    expect(closed).toEqual([])
  })

  it('is not told that one of a hundred days ends', async () => {
    const { closed, typesOf } = await openWith(lasting(100 * 86_400_000))
    await expect.poll(typesOf, { timeout: 5000 }).toContain('ping')
    expect(typesOf()).not.toContain('expiring')
    expect(closed).toEqual([])
  })
})

describe('a socket from a foreign Origin', () => {
  const evil = { Origin: 'https://evil.example' }
  const refused = { status: 403, challenge: undefined }

  it('is refused before it opens where origins are listed, whatever it shows', async () => {
    const { open, sockets } = await serve({
      access: { tokens: { secret }, allowedOrigins: ['https://dash.example'] },
    })
    const protocols = withToken(createToken())
    for (const site of ['shop', 'other']) {
      expect(await open(protocols, evil, site)).toEqual(refused)
      expect(await open(protocols, { Origin: 'null' }, site)).toEqual(refused)
    }
    expect(await sockets()).toBe(0)
    expect(await open(protocols, { Origin: 'https://dash.example' })).toMatchObject({ status: 101 })
    expect(await open(protocols)).toMatchObject({ status: 101 })
  })

  it('is refused before it opens where its cookies might let it in', async () => {
    const { open, url } = await serve({
      access: { authorize: ({ headers }) => headers.get('Cookie') === 'session=ann' },
    })
    const cookie = { Cookie: 'session=ann' }
    expect(await open(['tidemark.v1'], { ...evil, ...cookie })).toEqual(refused)
    // What it shows for itself is a token that nobody asks for.
    expect(await open(withToken('x'), { ...evil, ...cookie })).toEqual(refused)
    expect(await open(['tidemark.v1'], { Origin: url, ...cookie })).toMatchObject({ status: 101 })
    expect(await open(['tidemark.v1'], cookie)).toMatchObject({ status: 101 })
  })

  it('opens where anyone may read', async () => {
    const { open } = await serve()
    expect(await open(['tidemark.v1'], evil)).toMatchObject({ status: 101 })
  })
})

describe('another site’s id', () => {
  const bearer = (claims: object): Record<string, string> => ({
    Authorization: `Bearer ${createToken(claims)}`,
  })
  const reads = [
    'realtime',
    'realtime/frames?since=1.0',
    'realtime/sse',
    'realtime/ws',
    'metrics',
    'limits',
  ]
  const secretPath = '/secret-of-the-blog'
  const view = { name: 'page_view', url: `https://blog.example${secretPath}` }

  it('in the path is refused on every route, whatever the token says of others', async () => {
    const { get, send } = await serve({ access: { tokens: { secret } } })
    await send(view, 'blog')
    for (const path of reads) {
      for (const site of ['blog', 'other', '__proto__']) {
        const answer = await get(path, bearer({ site: ['shop', 'shop2'] }), site)
        const problem: Problem = await answer.json()
        expect({ status: answer.status, code: problem.code }).toEqual({
          status: 403,
          code: 'token_insufficient',
        })
        expect(JSON.stringify(problem)).not.toMatch(/blog|other/)
      }
    }
  })

  it('in the token is refused on every route', async () => {
    const { get } = await serve({ access: { tokens: { secret } } })
    for (const site of ['blog', ['blog'], 'shop ', 'SHOP', '../shop', ['*'], { shop: 1 }, null]) {
      for (const path of reads) expect((await get(path, bearer({ site }))).status).toBe(403)
    }
  })

  it('in the token is the end for a live client: it says so, and asks neither here nor for a token again', async () => {
    const { url } = await serve({ access: { tokens: { secret } } })
    const asked: string[] = []
    const tokens: string[] = []
    const client = createLiveClient({
      baseUrl: `${url}/api`,
      siteId: 'shop',
      pollIntervalMs: 20,
      token() {
        const token = createToken({ site: 'blog', more: tokens.length })
        tokens.push(token)
        return token
      },
      platform: {
        fetch(input, init) {
          asked.push(String(input))
          return fetch(input, init)
        },
      },
    })
    const unsubscribe = client.subscribe(['currentVisitors'], () => {})
    onTestFinished(unsubscribe)
    await expect
      .poll(() => client.view.status, { timeout: 5000 })
      .toMatchObject({
        phase: 'idle',
        transport: 'none',
        unauthorized: true,
        error: { code: 'token_insufficient' },
      })
    await client.refresh()
    expect(asked).toHaveLength(1)
    expect(tokens).toHaveLength(1)
  })

  it('in a subscription or a query changes nothing: it is the path’s site that is read', async () => {
    const { get, open, send } = await serve({ access: { tokens: { secret } } })
    await send(view, 'blog')
    const opened = await open(withToken(createToken()))
    if (!('socket' in opened)) throw new Error('It is not open.')
    const { socket, messages } = opened
    const sub = { type: 'sub', site: 'blog', siteId: 'blog', channels: ['activePages'], id: 7 }
    socket.send(JSON.stringify(sub))
    const snapOf = () => messages.find(message => message.type === 'snap')
    await expect.poll(snapOf).toMatchObject({ id: 7, snapshot: { activePages: [] } })
    for (const channel of ['blog/activePages', '../blog', 'blog']) {
      socket.send(JSON.stringify({ type: 'sub', channels: [channel] }))
    }
    const errorsOf = () => messages.filter(message => message.type === 'error')
    await expect.poll(() => errorsOf().length).toBe(3)
    expect(JSON.stringify(messages)).not.toContain(secretPath)
    const answer = await get('realtime?site=blog&siteId=blog', bearer({}))
    expect(await answer.text()).not.toContain(secretPath)
  })

  it('in a cursor or an ETag gives nothing of it', async () => {
    const { get, send } = await serve({ access: { tokens: { secret } } })
    const everywhere = bearer({ site: '*' })
    const ofBlog = async () => (await get('realtime', everywhere, 'blog')).json()
    await ofBlog()
    await send(view, 'blog')
    await expect.poll(ofBlog, { timeout: 5000 }).toMatchObject({ currentVisitors: 1 })
    const { cursor } = await ofBlog()
    const frames = await get(`realtime/frames?since=${cursor}`, bearer({}))
    expect(await frames.text()).not.toContain(secretPath)
    const [epoch] = String(cursor).split('.')
    const earlier = await get(`realtime/frames?since=${epoch}.0`, bearer({}))
    expect(await earlier.text()).not.toContain(secretPath)
    const state = await get('realtime', { ...bearer({}), 'If-None-Match': `"${cursor}"` })
    expect(await state.text()).not.toContain(secretPath)
  })

  it('has its own clients and numbers: what one site counted, another counts too', async () => {
    const { get, send } = await serve()
    const batch = { client: 'c', events: [{ ...view, n: 1 }] }
    for (const site of ['shop', 'blog']) {
      await send(batch, site)
      await send(batch, site)
      const { totals } = await (await get('metrics', {}, site)).json()
      expect(totals).toMatchObject({ pageViews: 1 })
    }
  })
})
