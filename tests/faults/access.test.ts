import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { Problem, ServerMessage } from '@tidemark/protocol'
import { createLiveClient } from '@tidemark/sdk/live'
import { type TidemarkOptions, createTidemark } from '@tidemark/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

/** Authorization of reads over a real port, with requests as a browser or an attacker sends them. */

const secret = randomBytes(32).toString('base64url')
const nowSeconds = (): number => Math.floor(Date.now() / 1000)
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Deviations from a valid token. */
interface TokenOverrides {
  header?: object
  key?: string
  sign?: (text: string) => Buffer
}

/** Creates a token without a library, so that tests can create invalid ones too. */
function createToken(claims: object = {}, overrides: TokenOverrides = {}): string {
  const { header = { alg: 'HS256', typ: 'JWT' }, key = secret } = overrides
  const hmac = (text: string): Buffer => createHmac('sha256', key).update(text).digest()
  const text = `${encode(header)}.${encode({ aud: 'tidemark', site: 'shop', scope: 'read', ...claims })}`
  return `${text}.${(overrides.sign ?? hmac)(text).toString('base64url')}`
}

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0'

async function startServer(options: TidemarkOptions = {}) {
  const tidemark = createTidemark({ sites: ['shop', 'blog'], ...options })
  onTestFinished(() => tidemark.close())
  const { url } = await tidemark.listen({ port: 0 })
  const urlOf = (site: string, path: string): string => `${url}/api/sites/${site}/${path}`
  return {
    url,
    get: (path: string, headers: Record<string, string> = {}, site = 'shop') =>
      fetch(urlOf(site, path), { headers }),
    send: (body: object, site = 'shop') =>
      fetch(urlOf(site, 'events'), {
        method: 'POST',
        headers: { 'User-Agent': firefox },
        body: JSON.stringify(body),
      }),
    open: (protocols: string[], headers: Record<string, string> = {}, site = 'shop') =>
      handshake(urlOf(site, 'realtime/ws').replace('http:', 'ws:'), protocols, headers),
    countSockets: async (): Promise<unknown> =>
      (await (await fetch(`${url}/api/health`)).json()).sockets,
  }
}

interface OpenSocket {
  status: 101
  socket: WebSocket
  /** All messages received so far. */
  messages: ServerMessage[]
}

/** Sends a WebSocket handshake. @returns an open socket, or the status and challenge of the refusal */
async function handshake(
  address: string,
  protocols: string[],
  headers: Record<string, string>,
): Promise<OpenSocket | { status: number; challenge: string | undefined }> {
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
    socket.once('close', () =>
      reject(new Error('The server closed the connection without an answer to the handshake.')),
    )
  })
}

const withToken = (token: string): string[] => ['tidemark.v1', `tidemark.token.${token}`]

describe('WebSocket: token at the handshake', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const publicKey = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const byRsa = (text: string): Buffer => sign('sha256', Buffer.from(text), rsa.privateKey)
  const invalid = 'Bearer realm="tidemark", error="invalid_token"'

  it.each<[string, string[]]>([
    [
      'an unsigned token with algorithm none',
      withToken(createToken({}, { header: { alg: 'none' }, sign: () => Buffer.of() })),
    ],
    ['a signed token with algorithm none', withToken(createToken({}, { header: { alg: 'none' } }))],
    [
      'a token with another algorithm',
      withToken(createToken({}, { header: { alg: 'RS256' }, sign: byRsa })),
    ],
    ['a token with another secret', withToken(createToken({}, { key: 'x'.repeat(32) }))],
    ['a token for another audience', withToken(createToken({ aud: 'other' }))],
    ['an expired token', withToken(createToken({ exp: nowSeconds() - 1 }))],
    ['a token that is valid from tomorrow', withToken(createToken({ nbf: nowSeconds() + 86_400 }))],
    ['a truncated token', withToken(createToken().slice(0, -1))],
    [
      'a token with a __proto__ claim',
      withToken(createToken(JSON.parse('{"__proto__":{},"aud":1}'))),
    ],
  ])('refuses %s with 401', async (_, protocols) => {
    const { open, countSockets } = await startServer({ access: { tokens: { secret } } })
    for (const site of ['shop', 'other']) {
      expect(await open(protocols, {}, site)).toEqual({ status: 401, challenge: invalid })
    }
    expect(await countSockets()).toBe(0)
  })

  it.each<[string, object]>([
    ['another scope', { scope: 'write' }],
    ['another site', { site: 'elsewhere' }],
    ['no site', { site: undefined }],
  ])('refuses a token for %s with 403', async (_, claims) => {
    const { open, countSockets } = await startServer({ access: { tokens: { secret } } })
    const challenge = 'Bearer realm="tidemark", error="insufficient_scope"'
    for (const site of ['shop', 'other']) {
      expect(await open(withToken(createToken(claims)), {}, site)).toEqual({
        status: 403,
        challenge,
      })
    }
    expect(await countSockets()).toBe(0)
  })

  it('refuses a handshake without a token, and ignores tokens in the address or a cookie', async () => {
    const { open, url, countSockets } = await startServer({ access: { tokens: { secret } } })
    const missing = { status: 401, challenge: 'Bearer realm="tidemark"' }
    const cookie = { Cookie: `token=${createToken()}` }
    for (const protocols of [[], ['tidemark.v1'], ['tidemark.v1', 'tidemark.token.']]) {
      for (const site of ['shop', 'other']) {
        expect(await open(protocols, cookie, site)).toEqual(missing)
      }
    }
    const address = `${url.replace('http:', 'ws:')}/api/sites/shop/realtime/ws?token=${createToken()}`
    expect(await handshake(address, ['tidemark.v1'], {})).toEqual(missing)
    expect(await countSockets()).toBe(0)
  })

  it('refuses a token signed with the public key as an HMAC secret', async () => {
    const { open } = await startServer({ access: { tokens: { publicKey, algorithm: 'RS256' } } })
    const validToken = createToken({}, { header: { alg: 'RS256' }, sign: byRsa })
    expect(await open(withToken(validToken))).toMatchObject({ status: 101 })
    for (const alg of ['HS256', 'RS256']) {
      const forged = createToken({}, { header: { alg }, key: publicKey })
      expect(await open(withToken(forged))).toEqual({ status: 401, challenge: invalid })
    }
  })

  it('refuses a token that is too long, and keeps serving other requests', async () => {
    const { open, get } = await startServer({ access: { tokens: { secret } } })
    const longToken = createToken({ more: 'x'.repeat(7000) })
    expect(await open(withToken(longToken))).toEqual({ status: 401, challenge: invalid })
    // Node refuses a header of this length itself, and may close the connection before it has arrived completely.
    const handshakeWithLongestToken = open(withToken(createToken({ more: 'x'.repeat(1_000_000) })))
    const statusOrClosed = handshakeWithLongestToken
      .then(({ status }) => status)
      .catch(() => 'closed')
    expect([431, 'closed']).toContain(await statusOrClosed)
    const answer = await get('realtime', { Authorization: `Bearer ${createToken()}` })
    expect(answer.status).toBe(200)
  })

  it('accepts a token in a subprotocol, and selects tidemark.v1', async () => {
    const { open } = await startServer({ access: { tokens: { secret } } })
    for (const protocols of [withToken(createToken()), withToken(createToken()).toReversed()]) {
      const opened = await open(protocols)
      expect(opened).toMatchObject({ status: 101, socket: { protocol: 'tidemark.v1' } })
    }
  })

  it('accepts a token in the Authorization header, with or without a subprotocol', async () => {
    const { open } = await startServer({ access: { tokens: { secret } } })
    const headers = { Authorization: `Bearer ${createToken()}` }
    expect(await open(['tidemark.v1'], headers)).toMatchObject({ status: 101 })
    expect(await open([], headers)).toMatchObject({ status: 101, socket: { protocol: '' } })
  })

  it('never repeats the token in the answer to the handshake', async () => {
    const { url } = await startServer({ access: { tokens: { secret } } })
    const token = `tidemark.token.${createToken()}`
    for (const [offered, chosen] of [
      [`tidemark.v1, ${token}`, 'tidemark.v1'],
      [`${token}, tidemark.v1`, 'tidemark.v1'],
      [token, undefined],
    ]) {
      const upgrade = request(`${url}/api/sites/shop/realtime/ws`, {
        headers: {
          Connection: 'Upgrade',
          Upgrade: 'websocket',
          'Sec-WebSocket-Version': '13',
          'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
          'Sec-WebSocket-Protocol': offered,
        },
      }).end()
      const [answer]: IncomingMessage[] = await once(upgrade, 'upgrade')
      answer?.socket.destroy()
      expect(answer?.statusCode).toBe(101)
      expect(answer?.headers['sec-websocket-protocol']).toBe(chosen)
      expect(JSON.stringify(answer?.rawHeaders)).not.toContain('tidemark.token')
    }
  })
})

describe('WebSocket: token expiry', () => {
  /** Creates a token that expires after `ms`. The seconds of `exp` may have fractions (RFC 7519, section 2). */
  const createExpiringToken = (ms: number, claims: object = {}): string =>
    createToken({ ...claims, exp: (Date.now() + ms) / 1000 })

  async function openWith(token: string) {
    const { open } = await startServer({ access: { tokens: { secret } } })
    const opened = await open(withToken(token))
    if (!('socket' in opened)) throw new Error('The server refused the handshake.')
    const { socket, messages } = opened
    const closed: number[] = []
    socket.on('close', code => closed.push(code))
    const typesOf = () => messages.map(({ type }) => type)
    return { socket, messages, closed, typesOf }
  }

  it('sends `expiring`, and closes the socket with 4401 when the token expires', async () => {
    const { messages, closed, typesOf } = await openWith(createExpiringToken(300))
    await expect.poll(() => closed, { timeout: 5000 }).toEqual([4401])
    expect(typesOf()).toContain('expiring')
    expect(messages.at(-1)).toEqual({ type: 'bye', code: 4401, retry: 0 })
  })

  it('closes the socket when it receives only invalid tokens before the expiry', async () => {
    const { socket, messages, closed } = await openWith(createExpiringToken(500))
    for (const token of [
      createToken({ site: 'blog' }),
      createToken({ scope: 'write' }),
      createToken({}, { key: 'x'.repeat(32) }),
      createExpiringToken(-1),
    ]) {
      socket.send(JSON.stringify({ type: 'auth', token }))
    }
    const tokenErrors = () =>
      messages.filter(message => 'code' in message && message.code === 'token_invalid')
    await expect.poll(() => tokenErrors().length).toBe(4)
    await expect.poll(() => closed, { timeout: 5000 }).toEqual([4401])
  })

  it('keeps the socket open after a fresh token', async () => {
    const { socket, closed, typesOf } = await openWith(createExpiringToken(500))
    socket.send(JSON.stringify({ type: 'auth', token: createExpiringToken(60_000) }))
    // The first ping arrives one second after the socket has opened.
    await expect.poll(typesOf, { timeout: 5000 }).toContain('ping')
    expect(closed).toEqual([])
  })

  it('sends no `expiring` for a token that is valid for a hundred days', async () => {
    const { closed, typesOf } = await openWith(createExpiringToken(100 * 86_400_000))
    await expect.poll(typesOf, { timeout: 5000 }).toContain('ping')
    expect(typesOf()).not.toContain('expiring')
    expect(closed).toEqual([])
  })
})

describe('WebSocket: foreign origin', () => {
  const foreignOrigin = { Origin: 'https://evil.example' }
  const refused = { status: 403, challenge: undefined }

  it('refuses an origin that allowedOrigins does not list, even with a valid token', async () => {
    const { open, countSockets } = await startServer({
      access: { tokens: { secret }, allowedOrigins: ['https://dash.example'] },
    })
    const protocols = withToken(createToken())
    for (const site of ['shop', 'other']) {
      expect(await open(protocols, foreignOrigin, site)).toEqual(refused)
      expect(await open(protocols, { Origin: 'null' }, site)).toEqual(refused)
    }
    expect(await countSockets()).toBe(0)
    expect(await open(protocols, { Origin: 'https://dash.example' })).toMatchObject({ status: 101 })
    expect(await open(protocols)).toMatchObject({ status: 101 })
  })

  it('refuses a foreign origin when cookies could authorize it', async () => {
    const { open, url } = await startServer({
      access: { authorize: ({ headers }) => headers.get('Cookie') === 'session=ann' },
    })
    const cookie = { Cookie: 'session=ann' }
    expect(await open(['tidemark.v1'], { ...foreignOrigin, ...cookie })).toEqual(refused)
    // A token that `authorize` does not check does not replace the origin check.
    expect(await open(withToken('x'), { ...foreignOrigin, ...cookie })).toEqual(refused)
    expect(await open(['tidemark.v1'], { Origin: url, ...cookie })).toMatchObject({ status: 101 })
    expect(await open(['tidemark.v1'], cookie)).toMatchObject({ status: 101 })
  })

  it('accepts a foreign origin when reads need no authorization', async () => {
    const { open } = await startServer()
    expect(await open(['tidemark.v1'], foreignOrigin)).toMatchObject({ status: 101 })
  })
})

describe('Access to another site', () => {
  const bearer = (claims: object): Record<string, string> => ({
    Authorization: `Bearer ${createToken(claims)}`,
  })
  const readPaths = [
    'realtime',
    'realtime/frames?since=1.0',
    'realtime/sse',
    'realtime/ws',
    'metrics',
    'limits',
  ]
  const secretPath = '/secret-of-the-blog'
  const view = { name: 'page_view', url: `https://blog.example${secretPath}` }

  it('is refused on every route when the token names other sites', async () => {
    const { get, send } = await startServer({ access: { tokens: { secret } } })
    await send(view, 'blog')
    for (const path of readPaths) {
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

  it('is refused on every route when the token has a similar or malformed site', async () => {
    const { get } = await startServer({ access: { tokens: { secret } } })
    for (const site of ['blog', ['blog'], 'shop ', 'SHOP', '../shop', ['*'], { shop: 1 }, null]) {
      for (const path of readPaths) expect((await get(path, bearer({ site }))).status).toBe(403)
    }
  })

  it('stops the live client, which reports the error and requests no new token', async () => {
    const { url } = await startServer({ access: { tokens: { secret } } })
    const requests: string[] = []
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
          requests.push(String(input))
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
    expect(requests).toHaveLength(1)
    expect(tokens).toHaveLength(1)
  })

  it('is not possible through a site id in a subscription or query: the path decides', async () => {
    const { get, open, send } = await startServer({ access: { tokens: { secret } } })
    await send(view, 'blog')
    const opened = await open(withToken(createToken()))
    if (!('socket' in opened)) throw new Error('The server refused the handshake.')
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

  it('is not possible through a cursor or an ETag', async () => {
    const { get, send } = await startServer({ access: { tokens: { secret } } })
    const allSites = bearer({ site: '*' })
    const readBlog = async () => (await get('realtime', allSites, 'blog')).json()
    await readBlog()
    await send(view, 'blog')
    await expect.poll(readBlog, { timeout: 5000 }).toMatchObject({ currentVisitors: 1 })
    const { cursor } = await readBlog()
    const frames = await get(`realtime/frames?since=${cursor}`, bearer({}))
    expect(await frames.text()).not.toContain(secretPath)
    const [epoch] = String(cursor).split('.')
    const earlier = await get(`realtime/frames?since=${epoch}.0`, bearer({}))
    expect(await earlier.text()).not.toContain(secretPath)
    const state = await get('realtime', { ...bearer({}), 'If-None-Match': `"${cursor}"` })
    expect(await state.text()).not.toContain(secretPath)
  })

  it('is independent in deduplication: each site counts the same batch once', async () => {
    const { get, send } = await startServer()
    const batch = { client: 'c', events: [{ ...view, n: 1 }] }
    for (const site of ['shop', 'blog']) {
      await send(batch, site)
      await send(batch, site)
      const { totals } = await (await get('metrics', {}, site)).json()
      expect(totals).toMatchObject({ pageViews: 1 })
    }
  })
})
