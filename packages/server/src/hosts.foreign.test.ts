import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { subprotocol } from '@tidemark/protocol'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { TidemarkOptions } from './config.ts'
import { createTestServer } from './testing/server.ts'

const body = JSON.stringify({ name: 'page_view' })

/** Routes by method and path, with and without a site. */
const routes = [
  ['POST', '/api/sites/shop/events'],
  ['GET', '/api/sites/shop/realtime'],
  ['GET', '/api/sites/shop/realtime/frames?since=1.0'],
  ['GET', '/api/sites/shop/realtime/sse'],
  ['GET', '/api/sites/shop/realtime/ws'],
  ['GET', '/api/sites/shop/metrics'],
  ['GET', '/api/sites/shop/limits'],
  ['OPTIONS', '/api/sites/shop/realtime'],
  ['GET', '/tidemark.js'],
  ['GET', '/api/tidemark.js'],
  ['GET', '/unknown'],
] as const

const probes = ['/health', '/healthz', '/ready', '/api/health', '/api/ready']

describe('Server with hostNames', () => {
  const create = () => createTestServer({ hostNames: ['stats.example'] })

  it.each(routes)(
    'refuses a foreign host with 421 and without CORS: %s %s',
    async (method, path) => {
      const { tidemark } = create()
      const init = {
        method,
        ...(method === 'POST' && { body }),
        headers: { Origin: 'https://a.example' },
      }
      const answer = await tidemark.fetch(new Request(`http://evil.example${path}`, init))
      expect(answer.status).toBe(421)
      expect(answer.headers.get('Access-Control-Allow-Origin')).toBeNull()
      expect(answer.headers.get('Cache-Control')).toBe('no-store')
      const problem: unknown = await answer.json()
      expect(problem).toMatchObject({ code: 'host_refused' })
      expect(problem).toMatchObject({ detail: expect.stringContaining('"evil.example"') })
    },
  )

  it('answers its own host in any letter case and on any port', async () => {
    const { tidemark, ask } = create()
    expect((await ask('/api/sites/shop/realtime')).status).toBe(200)
    const url = 'http://STATS.example:8443/api/sites/shop/realtime'
    expect((await tidemark.fetch(new Request(url))).status).toBe(200)
  })

  it('refuses a foreign host in an app that mounts the API', async () => {
    const { tidemark } = create()
    const app = new Hono().route('/analytics', tidemark.app)
    const at = (host: string) => app.request(`http://${host}/analytics/sites/shop/realtime`)
    expect((await at('evil.example')).status).toBe(421)
    expect((await at('stats.example')).status).toBe(200)
  })

  it.each(probes)('answers probes with any host: %s', async path => {
    const { tidemark } = create()
    await tidemark.ready
    expect((await tidemark.fetch(new Request(`http://10.1.2.3:4711${path}`))).status).toBe(200)
  })
})

interface Answer {
  status: number | undefined
  body: string
  cors: string | undefined
}

/** Requests a path of a port on loopback with a host. */
async function get(port: number, path: string, host: string): Promise<Answer> {
  const sent = request({ port, path, host: '127.0.0.1', headers: { Host: host }, agent: false })
  sent.end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  const cors = answer.headers['access-control-allow-origin']
  return { status: answer.statusCode, body: await text(answer), cors }
}

/** Resolves with the status of a refused upgrade, or with 101. */
function upgrade(port: number, host: string): Promise<number | undefined> {
  const url = `ws://127.0.0.1:${port}/api/sites/shop/realtime/ws`
  const socket = new WebSocket(url, [subprotocol], { headers: { Host: host } })
  return new Promise((resolve, reject) => {
    socket.once('unexpected-response', (_, { statusCode }: IncomingMessage) => resolve(statusCode))
    socket.once('open', () => {
      socket.terminate()
      resolve(101)
    })
    socket.once('error', reject)
  })
}

describe('Port on loopback', () => {
  async function listen(options: TidemarkOptions = {}): Promise<number> {
    const { tidemark } = createTestServer(options)
    const { port } = await tidemark.listen({ port: 0 })
    return port
  }
  const path = '/api/sites/shop/realtime'

  it('refuses a name that a page has rebound, before upgrades too', async () => {
    const port = await listen()
    const host = `evil.example:${port}`
    const refused = await get(port, path, host)
    expect(refused).toMatchObject({ status: 421, cors: undefined })
    expect(refused.body).toContain('host_refused')
    expect((await get(port, '/', host)).status).toBe(421)
    expect((await get(port, '/health', host)).status).toBe(200)
    expect(await upgrade(port, host)).toBe(421)
  })

  it('answers loopback names, and names that a proxy on the machine passes', async () => {
    const port = await listen()
    for (const host of [
      `localhost:${port}`,
      `[::1]:${port}`,
      'stats.example',
      'stats.example:8443',
    ]) {
      expect([host, (await get(port, path, host)).status]).toEqual([host, 200])
    }
    expect(await upgrade(port, 'stats.example')).toBe(101)
  })

  it('answers every name to a trusted proxy', async () => {
    const port = await listen({ proxy: { trusted: ['127.0.0.1'] } })
    expect((await get(port, path, `stats.example:${port}`)).status).toBe(200)
  })

  it('answers listed names only, with hostNames', async () => {
    const port = await listen({ hostNames: ['stats.example'] })
    expect((await get(port, path, 'stats.example')).status).toBe(200)
    expect((await get(port, path, `localhost:${port}`)).status).toBe(421)
    expect(await upgrade(port, `stats.example:${port}`)).toBe(101)
    expect(await upgrade(port, 'evil.example')).toBe(421)
  })
})
