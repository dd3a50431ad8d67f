import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  type FramesAnswer,
  type Snapshot,
  selectionQuery,
  subprotocol,
  toSelection,
} from '@tidemark/protocol'
import { WebSocket } from 'ws'
import { installTimeoutMs } from '../../scripts/program.ts'
import { wideSelection } from '../stream/selections.ts'
import { type TestServer, startTestServer } from '../stream/test-server.ts'
import { transportNames } from '../stream/transports/index.ts'
import {
  describeBehindNginx,
  nginxProgram,
  startBehindNginx,
  testReconnect,
} from './behind-nginx.ts'
import { type NginxSetup, startNginx } from './nginx.ts'

vi.setConfig({ hookTimeout: installTimeoutMs })

const program = nginxProgram

/** Number of open long polls, from the health endpoint. */
async function countLongPolls({ url }: TestServer): Promise<unknown> {
  const answer = await fetch(`${url}/api/health`)
  const { longPolls } = (await answer.json()) as { longPolls: unknown }
  return longPolls
}

describe.skipIf(program === undefined)('nginx with the files of deploy/nginx', () => {
  describeBehindNginx('unchanged', {}, transportNames)

  it('sends the server one request per second for many polling readers, with a cache', async () => {
    const server = await startBehindNginx({ isCaching: true })
    onTestFinished(server.close)
    await server.publish()
    const url = `${server.siteUrl}/realtime?channels=currentVisitors&minutes=5`
    const answers = await Promise.all(Array.from({ length: 50 }, () => fetch(url)))
    const states = answers.map(({ headers }) => headers.get('X-Cache'))
    expect(states.filter(state => state === 'MISS')).toHaveLength(1)
    expect(states.filter(state => state === 'HIT')).toHaveLength(49)
    const bodies = await Promise.all(answers.map(answer => answer.json() as Promise<Snapshot>))
    expect(new Set(bodies.map(({ cursor }) => cursor)).size).toBe(1)
  })

  it('does not cache private answers', async () => {
    if (program === undefined) return
    const server = await startTestServer('memory', { access: { authorize: () => true } }, port =>
      startNginx(program, port, { isCaching: true }),
    )
    onTestFinished(server.close)
    const url = `${server.siteUrl}/realtime?channels=currentVisitors&minutes=5`
    const [first, second] = [await fetch(url), await fetch(url)]
    expect([first, second].map(({ headers }) => headers.get('X-Cache'))).toEqual(['MISS', 'MISS'])
  })

  it('forwards the addresses of visitors, so that they count separately', async () => {
    const server = await startBehindNginx()
    onTestFinished(server.close)
    for (const address of ['198.51.100.7', '198.51.100.8', '198.51.100.7']) {
      const headers = {
        'X-Forwarded-For': address,
        'User-Agent': 'Mozilla/5.0 (X11) Firefox/140.0',
      }
      const body = JSON.stringify({ name: 'page_view', url: 'https://shop.example/' })
      const answer = await fetch(`${server.siteUrl}/events`, { method: 'POST', body, headers })
      expect(answer.status).toBe(202)
    }
    server.clock.advance(250)
    const selection = toSelection(['currentVisitors', 'pageViews'])
    if (!selection) throw new Error('toSelection: unknown channel.')
    // nginx appends its peer's address. That is loopback, a trusted proxy, so the address before it is the visitor's.
    expect(await server.read(selection)).toMatchObject({ pageViews: 3, currentVisitors: 2 })
  })

  it.each<[string, NginxSetup]>([
    ['unchanged', {}],
    ['with a cache', { isCaching: true }],
  ])('answers all long polls for the same frame at the same time, %s', async (_, setup) => {
    const server = await startBehindNginx(setup)
    onTestFinished(server.close)
    const { cursor } = await server.read(wideSelection)
    const url = `${server.siteUrl}/realtime/frames?${selectionQuery(wideSelection)}&since=${cursor}&wait=25`
    const longPolls = Array.from({ length: 5 }, async () => {
      const answer = await fetch(url)
      return (await answer.json()) as FramesAnswer
    })
    // With a cache lock, requests would wait for each other for five seconds (`proxy_cache_lock_timeout` of nginx).
    await vi.waitFor(async () => expect(await countLongPolls(server)).toBe(5), { timeout: 4000 })
    await server.publish()
    const answers = await Promise.all(longPolls)
    const { cursor: to } = await server.read(wideSelection)
    expect(answers.map(answer => answer.to)).toEqual(Array(5).fill(to))
  })

  it('answers a WebSocket handshake with 426 at once, without upgrades', async () => {
    const server = await startBehindNginx({ forbidsUpgrades: true })
    onTestFinished(server.close)
    const url = `${server.siteUrl.replace('http', 'ws')}/realtime/ws`
    const socket = new WebSocket(url, [subprotocol])
    onTestFinished(() => socket.terminate())
    const status = await new Promise((resolve, reject) => {
      socket.on('unexpected-response', (_, answer) => resolve(answer.statusCode))
      socket.on('open', () => resolve(101))
      socket.on('error', reject)
    })
    expect(status).toBe(426)
  })

  testReconnect('websocket')
})
