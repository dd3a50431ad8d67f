import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { TidemarkOptions } from './config.ts'
import { openAuthorization } from './guard/authorization.ts'
import { openConnection } from './live/connection.ts'
import { createConnections } from './live/connections.ts'
import { createStream } from './live/stream.ts'
import { createScriptedSocket } from './testing/message-socket.ts'
import { type TestServer, createTestServer } from './testing/server.ts'
import { createScriptedSource } from './testing/source.ts'
import { makeToken, secret, shopClaims } from './testing/token.ts'

const base = '/api/sites/shop/realtime'

/** A reader that receives messages until the server ends it. */
interface PushReader {
  /** Resolves with all messages so far when they match, or when the server has ended the connection. */
  until(pattern: RegExp): Promise<string>
}

async function openEventStream({ ask }: TestServer, channel: string): Promise<PushReader> {
  const answer = await ask(`${base}/sse?channels=${channel}`)
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return {
    async until(pattern) {
      while (!pattern.test(text)) {
        const part = await reader?.read()
        if (!part || part.done) return `${text} ended`
        text += part.value
      }
      return text
    },
  }
}

async function openWebSocket({ tidemark }: TestServer, channel: string): Promise<PushReader> {
  const { url } = await tidemark.listen({ port: 0 })
  const socket = new WebSocket(`${url.replace('http', 'ws')}${base}/ws`)
  onTestFinished(() => socket.terminate())
  let text = ''
  socket.on('message', (data: Buffer) => (text += `${data.toString()}\n`))
  socket.on('close', code => (text += `ended with ${code}`))
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'sub', channels: [channel] }))
  return {
    async until(pattern) {
      while (!pattern.test(text) && socket.readyState !== WebSocket.CLOSED) {
        await Promise.race([once(socket, 'message'), once(socket, 'close')])
      }
      return text
    },
  }
}

/** Options with a public rule of the site, which shows counts from `minCount` on. */
const showing = (channels: readonly string[], minCount = 0): TidemarkOptions =>
  ({ sites: [{ id: 'shop', public: { channels, minCount } }] }) as TidemarkOptions

const wide = showing(['currentVisitors', 'activePages'])
const narrow = showing(['currentVisitors'])

async function visit({ send, clock }: TestServer): Promise<void> {
  await send({ name: 'page_view', url: 'https://shop.example/', visitorId: 'one' })
  clock.advance(250)
}

describe.each([
  ['an event stream', openEventStream],
  ['a WebSocket', openWebSocket],
])('Tidemark.reload: %s', (_, open) => {
  it('ends with 4403 when a narrower public rule forbids its channel', async () => {
    const server = createTestServer(wide)
    const reader = await open(server, 'activePages')
    await reader.until(/snapshot/)
    await server.tidemark.reload(narrow)
    const text = await reader.until(/never/)
    expect(text).toMatch(
      /"type":"error","code":"selection_forbidden","detail":"The channel .{2}activePages/,
    )
    expect(text).toContain('"type":"bye","code":4403,"retry":0}')
    expect(text).toMatch(/ended(?: with 4403)?$/)
  })

  it('goes on when a narrower public rule allows its channel', async () => {
    const server = createTestServer(wide)
    const reader = await open(server, 'currentVisitors')
    await reader.until(/snapshot/)
    await server.tidemark.reload(narrow)
    await visit(server)
    const text = await reader.until(/"currentVisitors":1/)
    expect(text).toMatch(/"type":"frame"[^\n]*"currentVisitors":1/)
    expect(text).not.toMatch(/"type":"(?:error|bye)"/)
  })

  it('gets a snapshot with the counts that a new `minCount` shows', async () => {
    const server = createTestServer(narrow)
    const reader = await open(server, 'currentVisitors')
    await reader.until(/snapshot/)
    await visit(server)
    await reader.until(/"currentVisitors":1/)
    await server.tidemark.reload(showing(['currentVisitors'], 2))
    const text = await reader.until(/"currentVisitors":1[^]*"snap"[^]*"currentVisitors":0/)
    expect(text).not.toContain('bye')
    await server.tidemark.reload(narrow)
    expect(await reader.until(/"currentVisitors":0}[^]*"currentVisitors":1/)).not.toContain('bye')
  })
})

const nextSecret = 'another secret, which is as long as the first'
const token = makeToken(shopClaims)

/** Opens a WebSocket that offers a token, from a page of an origin. `ended` resolves with its close code and text. */
async function connect({ tidemark }: TestServer) {
  const { url } = await tidemark.listen({ port: 0 })
  const protocols = ['tidemark.v1', `tidemark.token.${token}`]
  const headers = { Origin: 'https://dash.example' }
  const socket = new WebSocket(`${url.replace('http', 'ws')}${base}/ws`, protocols, { headers })
  onTestFinished(() => socket.terminate())
  let text = ''
  socket.on('message', (data: Buffer) => (text += data.toString()))
  const ended = once(socket, 'close').then(([code]): [number, string] => [Number(code), text])
  await once(socket, 'open')
  return { socket, ended, read: () => text }
}

describe('Tidemark.reload: a WebSocket', () => {
  const before: TidemarkOptions = { sites: ['shop'], access: { tokens: { secret } } }

  it.each<[string, TidemarkOptions]>([
    ['its site', { ...before, sites: ['blog'] }],
    ['the secret of its token', { ...before, access: { tokens: { secret: nextSecret } } }],
    [
      'the origin of its page',
      { ...before, access: { ...before.access, allowedOrigins: ['https://other.example'] } },
    ],
    ['its host', { ...before, hostNames: ['stats.example'] }],
    ['its right by `authorize`', { ...before, access: { authorize: () => false } }],
  ])('ends with 4401 when new rules lack %s', async (_, after) => {
    const server = createTestServer(before)
    const { ended } = await connect(server)
    await server.tidemark.reload(after)
    const [code, text] = await ended
    expect(code).toBe(4401)
    expect(text).toMatch(/"type":"bye","code":4401,"retry":\d{1,4}\}$/)
  })

  it('goes on when new rules keep its rights', async () => {
    const server = createTestServer(before)
    const { socket, read } = await connect(server)
    await server.tidemark.reload({
      ...{ sites: ['blog', 'shop'], hostNames: ['127.0.0.1', 'stats.example'] },
      access: {
        tokens: { secret: [nextSecret, secret] },
        allowedOrigins: ['https://dash.example'],
      },
    })
    socket.send(JSON.stringify({ type: 'sub', channels: ['currentVisitors'] }))
    await expect.poll(read).toMatch(/"type":"(?:snap|bye)"/)
    expect(read()).not.toContain('bye')
  })
})

describe('Tidemark.reload: a request that waits for frames', () => {
  /** Sends a request, and resolves with its answer as soon as it waits. */
  async function wait({ ask }: TestServer, query: string): Promise<{ answer: Promise<Response> }> {
    const { cursor } = (await (await ask(`${base}${query}`)).json()) as { cursor: string }
    const answer = ask(`${base}/frames${query}&since=${cursor}&wait=25`)
    const countWaiting = async (): Promise<unknown> =>
      ((await (await ask('/api/health')).json()) as { longPolls: unknown }).longPolls
    await expect.poll(countWaiting).toBe(1)
    return { answer }
  }

  it('is refused when a narrower public rule forbids its channel', async () => {
    const server = createTestServer(wide)
    const { answer } = await wait(server, '?channels=activePages')
    await server.tidemark.reload(narrow)
    expect((await answer).status).toBe(403)
    expect(await (await answer).json()).toMatchObject({ code: 'selection_forbidden' })
  })

  it('is refused like a new one when reading begins to require a token', async () => {
    const server = createTestServer()
    const { answer } = await wait(server, '?channels=activePages')
    await server.tidemark.reload({ access: { tokens: { secret } } })
    expect((await answer).status).toBe(401)
    expect((await answer).headers.get('WWW-Authenticate')).toContain('Bearer')
  })

  it('is refused like a new one when its host is no longer listed', async () => {
    const server = createTestServer()
    const { answer } = await wait(server, '?channels=activePages')
    await server.tidemark.reload({ hostNames: ['other.example'] })
    expect((await answer).status).toBe(421)
    expect(await (await answer).json()).toMatchObject({ code: 'host_refused' })
  })

  it('goes on when the new rules allow its channel, and gets its frame', async () => {
    const server = createTestServer(wide)
    const { answer } = await wait(server, '?channels=currentVisitors')
    await server.tidemark.reload(narrow)
    await visit(server)
    const { frames } = (await (await answer).json()) as { frames: unknown[] }
    expect(frames).toMatchObject([{ patch: { currentVisitors: 1 } }])
  })

  it('starts again with a snapshot when a new `minCount` shows other counts', async () => {
    const server = createTestServer(narrow)
    const { answer } = await wait(server, '?channels=currentVisitors')
    await server.tidemark.reload(showing(['currentVisitors'], 2))
    expect((await answer).status).toBe(410)
    expect(await (await answer).json()).toMatchObject({ code: 'cursor_gone', reason: 'epoch' })
  })
})

it('Tidemark.reload: an allowed request for frames waits no longer than it asked', async () => {
  const server = createTestServer(wide)
  const { ask, clock, tidemark } = server
  const { cursor } = await server.read('?channels=currentVisitors')
  const asked = ask(`${base}/frames?channels=currentVisitors&since=${String(cursor)}&wait=25`)
  await ask('/api/health')
  clock.advance(20_000)
  await tidemark.reload(narrow)
  await ask('/api/health')
  clock.advance(5000)
  expect(await (await asked).json()).toMatchObject({ frames: [], more: false })
})

it('Tidemark.reload: a WebSocket whose right ended before its upgrade is closed', async () => {
  const server = createTestServer()
  const connections = createConnections(undefined, server.clock)
  const socket = createScriptedSocket()
  openConnection({
    ...connections,
    stream: createStream({ source: createScriptedSource({}), epoch: 1, clock: server.clock }),
    channels: ['currentVisitors'],
    socket,
    authorization: {
      ...openAuthorization,
      isCurrent: () => false,
      recheck: () => Promise.resolve({ code: 'token_missing' }),
    },
  })
  await expect.poll(() => socket.closeCode).toBe(4401)
})
