import { type OutgoingHttpHeaders, get } from 'node:http'
import { expect, it } from 'vitest'
import type { TidemarkOptions } from './config.ts'
import { createTestServer } from './testing/server.ts'

const name = 'X-Content-Type-Options'
const secret = 's'.repeat(32)

const setups: [string, TidemarkOptions][] = [
  ['open', { sites: ['shop'] }],
  ['restricted', { access: { tokens: { secret }, allowedOrigins: ['https://dash.example'] } }],
  ['with another host name', { hostNames: ['other.example'] }],
  ['with a failing function', { access: { authorize: () => Promise.reject(new Error('x')) } }],
]

it.each(setups)('Server: every answer of every route has nosniff, %s', async (_, options) => {
  const { tidemark, ask } = createTestServer({ onError: () => {}, ...options })
  const paths = tidemark.app.routes.map(({ path }) => path).filter(path => !path.includes('*'))
  expect(new Set(paths).size).toBeGreaterThan(8)
  const tested = [
    ...[...new Set(paths)].flatMap(path => [
      `/api${path.replace(':site', 'shop')}`,
      `/api${path.replace(':site', 'unknown')}?wait=0&since=1.0`,
    ]),
    ...['/', '/health', '/healthz', '/ready', '/tidemark.js', '/api/tidemark.js', '/none'],
    ...['/api/none', '/tidemark.0123456789ab.js'],
  ]
  const statuses = new Set<number>()
  for (const path of tested) {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS']) {
      for (const headers of [{}, { Origin: 'https://evil.example', Upgrade: 'websocket' }]) {
        const answer = await ask(path, { method, headers, ...(method === 'POST' && { body: '{' }) })
        const { status } = answer
        statuses.add(status)
        expect([path, method, status, answer.headers.get(name)]).toEqual([
          ...[path, method, status, 'nosniff'],
        ])
        await answer.body?.cancel()
      }
    }
  }
  expect(statuses.size).toBeGreaterThan(2)
})

it('Server: accepted events, and answers without a body, have nosniff', async () => {
  const { ask, send } = createTestServer()
  expect((await send({ name: 'a' })).headers.get(name)).toBe('nosniff')
  for (const path of ['/api/sites/shop/realtime', '/tidemark.js']) {
    const etag = (await ask(path)).headers.get('ETag') ?? ''
    const unchanged = await ask(path, { headers: { 'If-None-Match': etag } })
    expect([unchanged.status, unchanged.headers.get(name)]).toEqual([304, 'nosniff'])
  }
})

it('Server: a refused upgrade has nosniff', async () => {
  const { tidemark } = createTestServer({ sites: ['shop'] })
  const { url } = await tidemark.listen({ port: 0 })
  const answerTo = (path: string, headers: OutgoingHttpHeaders): Promise<unknown[]> =>
    new Promise((resolve, reject) => {
      get(`${url}${path}`, { headers }, answer => {
        answer.resume()
        resolve([answer.statusCode, answer.headers[name.toLowerCase()]])
      }).on('error', reject)
    })
  const upgrade = {
    ...{ Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' },
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  }
  const socket = '/realtime/ws'
  expect(await answerTo(`/api/sites/none${socket}`, upgrade)).toEqual([404, 'nosniff'])
  expect(await answerTo(`/none${socket}`, upgrade)).toEqual([404, 'nosniff'])
  expect(await answerTo(`/api/sites/shop${socket}`, {})).toEqual([426, 'nosniff'])
  const invalid = { ...upgrade, 'Sec-WebSocket-Key': 'x' }
  expect(await answerTo(`/api/sites/shop${socket}`, invalid)).toEqual([400, 'nosniff'])
})
