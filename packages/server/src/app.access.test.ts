import { generateKeyPairSync } from 'node:crypto'
import { type ChannelName, channelNames } from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import type { RouteAccess } from './route-list.ts'
import type { TidemarkOptions } from './config.ts'
import { createAuthorizer } from './guard/authorizer.ts'
import type { Authorize } from './guard/verdict.ts'
import { openConnection } from './live/connection.ts'
import { createConnections } from './live/connections.ts'
import { isSiteChannel } from './live/source.ts'
import { createStream } from './live/stream.ts'
import { createSettings } from './settings.ts'
import { createManualClock } from './testing/clock.ts'
import { createScriptedSocket } from './testing/message-socket.ts'
import { createTestServer } from './testing/server.ts'
import { createScriptedSource } from './testing/source.ts'
import { makeToken, secret, shopClaims, signWith } from './testing/token.ts'

/** A request of each kind of access. A new kind does not compile without one. */
const kinds: Record<
  Exclude<RouteAccess, 'open'>,
  { allowed: string; otherChannel?: string; otherPath?: string; scope: 'read' | 'write' }
> = {
  write: { allowed: '', scope: 'write' },
  live: {
    allowed: '?channels=currentVisitors&since=1.0',
    otherChannel: '?channels=countries&since=1.0',
    otherPath: '?channels=pageVisitors&path=/secret&since=1.0',
    scope: 'read',
  },
  history: {
    allowed: '',
    otherChannel: '?by=country',
    otherPath: '?by=path&row=/secret',
    scope: 'read',
  },
  other: { allowed: '', otherChannel: '', otherPath: '', scope: 'read' },
  // The endpoints of the default site select their figures themselves.
  activeUsers: { allowed: '', otherPath: '', scope: 'read' },
  eventCounts: { allowed: '', otherChannel: '', otherPath: '', scope: 'read' },
  updates: { allowed: '', otherChannel: '', otherPath: '', scope: 'read' },
  // The figures of a WebSocket come later; see the subscriptions below.
  later: { allowed: '', scope: 'read' },
}

/** The rule of each route. A route that is not listed here fails the first test. */
const accessOf: Record<string, RouteAccess> = {
  'POST /sites/:site/events': 'write',
  'GET /sites/:site/realtime': 'live',
  'GET /sites/:site/realtime/frames': 'live',
  'GET /sites/:site/realtime/sse': 'live',
  'GET /sites/:site/realtime/ws': 'later',
  'GET /sites/:site/metrics': 'history',
  'GET /sites/:site/limits': 'other',
  'GET /sites/:site/warnings': 'other',
  'POST /events': 'write',
  'POST /events/batch': 'write',
  'GET /metrics': 'eventCounts',
  'GET /active-users': 'activeUsers',
  'GET /dashboard/stream': 'updates',
  'GET /health': 'open',
  'GET /healthz': 'open',
  'GET /ready': 'open',
}

const isRoute = ({ method, path }: { method: string; path: string }): boolean =>
  method !== 'ALL' && !path.includes('*')

it('API: every route has a rule in this test', () => {
  const { tidemark } = createTestServer()
  const routes = tidemark.app.routes.filter(isRoute).map(({ method, path }) => `${method} ${path}`)
  expect(new Set(routes)).toEqual(new Set(Object.keys(accessOf)))
})

const guarded = Object.entries(accessOf).flatMap(([name, access]) => {
  const [method = '', path = ''] = name.split(' ')
  return access === 'open' ? [] : [{ name, method, path, ...kinds[access] }]
})

const now = createManualClock().now() / 1000
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const publicKey = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const evil = { Origin: 'https://evil.example' }
const withTokens = (extra: TidemarkOptions['access'] = {}): TidemarkOptions => ({
  sites: ['shop', 'blog'],
  access: { tokens: { secret, scopes: ['read', 'write'] }, ...extra },
})
const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` })

const shopKey = 'a-key-of-a-backend-with-32-bytes'
const blogKey = 'another-key-of-a-blog-32-bytes-at-least'
const withSenders: TidemarkOptions = {
  sites: [
    { id: 'shop', writeOrigins: ['https://shop.example'], writeKeys: [shopKey] },
    { id: 'blog', writeKeys: [blogKey] },
  ],
}

interface Caller {
  caller: string
  options?: TidemarkOptions
  headers: (scope: string) => Record<string, string>
  query?: 'otherChannel' | 'otherPath'
  host?: string
  code: string
  /** Scope of the routes that refuse the caller. @default both */
  only?: 'read' | 'write'
}

const wrongCallers: readonly Caller[] = [
  { caller: 'without a token', headers: () => ({}), code: 'token_missing' },
  {
    caller: 'with an expired token',
    headers: scope => bearer(makeToken({ ...shopClaims, scope, exp: now - 1 })),
    code: 'token_expired',
  },
  {
    caller: 'with a token of another key',
    headers: scope =>
      bearer(makeToken({ ...shopClaims, scope }, undefined, signWith('x'.repeat(32)))),
    code: 'token_invalid',
  },
  {
    caller: 'with the algorithm none',
    headers: scope => bearer(makeToken({ ...shopClaims, scope }, { alg: 'none' })),
    code: 'token_invalid',
  },
  {
    caller: 'with a public key as an HMAC secret',
    options: withTokens({ tokens: { publicKey, algorithm: 'RS256', scopes: ['read', 'write'] } }),
    headers: scope =>
      bearer(makeToken({ ...shopClaims, scope }, { alg: 'HS256' }, signWith(publicKey))),
    code: 'token_invalid',
  },
  {
    caller: 'with a token of another site',
    headers: scope => bearer(makeToken({ ...shopClaims, scope, site: 'blog' })),
    code: 'token_insufficient',
  },
  {
    caller: 'with a token of another scope',
    headers: scope =>
      bearer(makeToken({ ...shopClaims, scope: scope === 'read' ? 'write' : 'read' })),
    code: 'token_insufficient',
  },
  {
    caller: 'with a malformed claim',
    headers: scope => bearer(makeToken({ ...shopClaims, scope, channels: 'currentVisitors' })),
    code: 'token_invalid',
  },
  {
    caller: 'of other channels',
    headers: scope =>
      bearer(makeToken({ ...shopClaims, scope, channels: ['currentVisitors', 'minuteSeries'] })),
    query: 'otherChannel',
    code: 'selection_forbidden',
  },
  {
    caller: 'of other pages',
    headers: scope => bearer(makeToken({ ...shopClaims, scope, paths: ['/open/**'] })),
    query: 'otherPath',
    code: 'selection_forbidden',
  },
  {
    caller: 'from a foreign origin',
    options: withTokens({ allowedOrigins: [] }),
    headers: scope => ({ ...bearer(makeToken({ ...shopClaims, scope })), ...evil }),
    code: 'origin_refused',
    only: 'read',
  },
  {
    caller: 'at a foreign host',
    options: { ...withTokens(), hostNames: ['stats.example'] },
    headers: scope => bearer(makeToken({ ...shopClaims, scope })),
    host: 'evil.example',
    code: 'host_refused',
  },
  {
    caller: 'from a page that may not send',
    options: withSenders,
    headers: () => evil,
    code: 'origin_refused',
    only: 'write',
  },
  {
    caller: 'from a page that may not send, with a key',
    options: withSenders,
    headers: () => ({ ...evil, ...bearer(shopKey) }),
    code: 'origin_refused',
    only: 'write',
  },
  {
    caller: 'from a page without an origin',
    options: withSenders,
    headers: () => ({ Origin: 'null' }),
    code: 'origin_refused',
    only: 'write',
  },
  {
    caller: 'without origin and key',
    options: withSenders,
    headers: () => ({}),
    code: 'key_missing',
    only: 'write',
  },
  {
    caller: 'with a wrong key',
    options: withSenders,
    headers: () => bearer(`${shopKey}!`),
    code: 'key_invalid',
    only: 'write',
  },
  {
    caller: 'with a key of another site',
    options: withSenders,
    headers: () => bearer(blogKey),
    code: 'key_invalid',
    only: 'write',
  },
  {
    caller: 'with an expired token as a key',
    options: withSenders,
    headers: scope => bearer(makeToken({ ...shopClaims, scope, exp: now - 1 })),
    code: 'key_invalid',
    only: 'write',
  },
  {
    caller: 'with a key at a foreign host',
    options: { ...withSenders, hostNames: ['stats.example'] },
    headers: () => bearer(shopKey),
    host: 'evil.example',
    code: 'host_refused',
    only: 'write',
  },
]

describe.each(guarded)('$name', route => {
  const { method, path, scope } = route
  const send = (
    { tidemark }: ReturnType<typeof createTestServer>,
    query: string,
    headers: Record<string, string>,
    host = 'stats.example',
  ): Response | Promise<Response> => {
    const url = `http://${host}/api${path.replace(':site', 'shop')}${query}`
    const sent = path === '/events' ? { name: 'a', visitorId: 'v' } : { events: [] }
    const body = method === 'POST' ? JSON.stringify(sent) : undefined
    const init = {
      method,
      headers: { Host: host, ...headers },
      ...(body !== undefined && { body }),
    }
    return tidemark.fetch(new Request(url, init), { address: '198.51.100.7' })
  }

  it.each(
    wrongCallers.filter(({ only = scope, query }) => only === scope && (!query || query in route)),
  )('refuses a caller $caller', async ({ options = withTokens(), headers, query, host, code }) => {
    const server = createTestServer(options)
    const answer = await send(
      server,
      query ? (route[query] ?? '') : route.allowed,
      headers(scope),
      host,
    )
    expect(await answer.json()).toMatchObject({ code })
  })

  it('answers a caller with all rights', async () => {
    const server = createTestServer(withTokens())
    const answer = await send(server, route.allowed, bearer(makeToken({ ...shopClaims, scope })))
    // A cursor of another epoch, and a request without an upgrade.
    expect([200, 202, 410, 426]).toContain(answer.status)
  })
})

it('A site with origins and keys: accepts its own senders', async () => {
  const { send } = createTestServer(withSenders)
  for (const headers of [bearer(shopKey), { Origin: 'https://shop.example' }]) {
    expect((await send({ events: [] }, { headers })).status).toBe(202)
  }
})

const onlyChannels = (channels: readonly ChannelName[]): string =>
  makeToken({ ...shopClaims, channels })

describe.each(channelNames)('Channel %s', name => {
  const others = channelNames.filter(each => each !== name)
  const rows = { pageVisitors: '&path=/a', properties: '&property=a.b' }
  const query = `?channels=${name}${isSiteChannel(name) ? '' : rows[name]}&since=1.0`

  it.each(['realtime', 'realtime/frames', 'realtime/sse'])('is guarded on %s', async path => {
    const { ask } = createTestServer(withTokens())
    const url = `/api/sites/shop/${path}${query}`
    const refused = await ask(url, { headers: bearer(onlyChannels(others)) })
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({
      code: 'selection_forbidden',
      detail: expect.stringContaining(`"${name}"`) as unknown,
    })
    const answered = await ask(url, { headers: bearer(onlyChannels([name])) })
    expect([200, 410]).toContain(answered.status)
    await answered.body?.cancel()
  })

  it('is guarded in `sub`', async () => {
    const sub = {
      type: 'sub',
      id: 1,
      channels: [name],
      ...(name === 'pageVisitors' && { paths: ['/a'] }),
      ...(name === 'properties' && { properties: [{ event: 'a', property: 'b' }] }),
    }
    expect(await subscribe(onlyChannels(others), sub)).toMatchObject({
      type: 'error',
      id: 1,
      code: 'selection_forbidden',
    })
    expect(await subscribe(onlyChannels([name]), sub)).toMatchObject({ type: 'snap', id: 1 })
  })

  it('is refused without a token when the site shows others', async () => {
    const sites = [{ id: 'shop', public: { channels: others } }]
    const { ask } = createTestServer({ sites })
    expect((await ask(`/api/sites/shop/realtime${query}`)).status).toBe(403)
  })
})

describe('A WebSocket with a new token', () => {
  const sub = { type: 'sub', id: 1, channels: ['countries'] }

  it('keeps a subscription that the token allows', async () => {
    const auth = { type: 'auth', id: 2, token: onlyChannels(['countries', 'goals']) }
    const { sent, closeCode } = await converse(withTokens(), onlyChannels(['countries']), [
      sub,
      auth,
    ])
    expect([sent.length, closeCode]).toEqual([1, undefined])
  })

  it('ends with 4403 when the token does not allow the subscription', async () => {
    const auth = { type: 'auth', id: 2, token: onlyChannels(['goals']) }
    const { sent, closeCode } = await converse(withTokens(), onlyChannels(['countries']), [
      sub,
      auth,
    ])
    expect(sent.slice(1)).toMatchObject([
      { type: 'error', id: 2, code: 'selection_forbidden' },
      { type: 'bye', code: 4403 },
    ])
    expect(closeCode).toBe(4403)
  })
})

it('authorize: decides about each `sub`, in the order of the messages', async () => {
  const authorize: Authorize = async (_request, _site, _scope, figures) =>
    figures === undefined || (figures.kind === 'live' && !figures.channels.includes('countries'))
  const subs = ['countries', 'goals'].map((name, id) => ({ type: 'sub', id, channels: [name] }))
  const { sent } = await converse({ access: { authorize } }, '', subs)
  expect(sent).toMatchObject([
    { type: 'error', id: 0, code: 'selection_forbidden' },
    { type: 'snap', id: 1 },
  ])
})

/** Opens a connection with a token, and returns the answer to a message. */
async function subscribe(token: string, message: object): Promise<unknown> {
  return (await converse(withTokens(), token, [message])).sent[0]
}

/** Opens a connection with a token, and returns the answers to messages. */
async function converse(
  options: TidemarkOptions,
  token: string,
  messages: readonly object[],
): Promise<{ sent: readonly unknown[]; closeCode: number | undefined }> {
  const clock = createManualClock()
  const settings = createSettings(options, {
    clock,
    onError(error) {
      throw error
    },
  })
  const authorize = createAuthorizer(() => settings.access)
  const request = new Request('http://stats.example/', { headers: bearer(token) })
  const authorization = await authorize(request, 'shop', 'read')
  if ('code' in authorization) throw new Error(authorization.code)
  const source = createScriptedSource(
    Object.fromEntries(channelNames.filter(isSiteChannel).map(each => [each, []])),
  )
  const socket = createScriptedSocket()
  const connection = openConnection({
    ...createConnections(undefined, clock),
    stream: createStream({ source, epoch: 1, clock }),
    channels: channelNames,
    socket,
    authorization,
  })
  socket.drain()
  // The last message is answered after all others.
  const last = { type: 'sub', id: 99, channels: ['goals'] }
  for (const message of [...messages, last]) connection.receive(JSON.stringify(message))
  const isLast = (text: string): boolean => text.includes('"id":99')
  await expect.poll(() => socket.closeCode !== undefined || socket.sent.some(isLast)).toBe(true)
  const { closeCode } = socket
  connection.stop()
  const sent = socket.sent.filter(text => !isLast(text))
  return { sent: sent.map(text => JSON.parse(text) as unknown), closeCode }
}
