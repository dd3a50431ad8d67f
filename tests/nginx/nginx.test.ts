import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  type FramesAnswer,
  type Snapshot,
  selectionQuery,
  subprotocol,
  toSelection,
} from '@tidemark/protocol'
import { type StreamingTransport, createLiveClient } from '@tidemark/sdk/live'
import { WebSocket } from 'ws'
import { installTimeoutMs, requireProgram, missingProgramReason } from '../../scripts/program.ts'
import { describeConformance } from '../stream/conformance.ts'
import { wideSelection } from '../stream/selections.ts'
import { type TestServer, startTestServer } from '../stream/test-server.ts'
import { type TransportName, transportNames } from '../stream/transports/index.ts'
import { type Nginx, type NginxSetup, startNginx } from './nginx.ts'

vi.setConfig({ hookTimeout: installTimeoutMs })

const program = await requireProgram('nginx')

/** The server behind nginx, and nginx itself. */
async function serveBehind(setup: NginxSetup = {}): Promise<TestServer & { nginx: Nginx }> {
  if (program === undefined) throw new Error(missingProgramReason('nginx'))
  let nginx: Nginx | undefined
  const served = await startTestServer(
    'memory',
    { proxy: { trusted: ['127.0.0.1'] } },
    async port => {
      nginx = await startNginx(program, port, setup)
      return nginx
    },
  )
  if (!nginx) throw new Error('nginx was not started.')
  return { ...served, nginx }
}

/** How many questions the server holds. */
async function heldBy({ url }: TestServer): Promise<unknown> {
  const answer = await fetch(`${url}/api/health`)
  const { longPolls } = (await answer.json()) as { longPolls: unknown }
  return longPolls
}

/** For what the system does in its own time. */
const patience = { timeout: 10_000, interval: 20 }

const withoutUpgrades = transportNames.filter(name => name !== 'websocket')

describe.skipIf(program === undefined)('docs/deploying.md', () => {
  describe.each<[string, NginxSetup, readonly TransportName[]]>([
    ['as it is set up', {}, transportNames],
    ['with a cache', { isCaching: true }, transportNames],
    ['that compresses', { compresses: true }, transportNames],
    ['that forbids upgrades', { forbidsUpgrades: true }, withoutUpgrades],
  ])('behind nginx %s', (where, setup, transports) => {
    describeConformance(`nginx ${where}`, {
      open: () => serveBehind(setup),
      transports,
      isCached: setup.isCaching ?? false,
    })
  })

  it('makes of many readers who poll one request a second, where there is a cache', async () => {
    const served = await serveBehind({ isCaching: true })
    onTestFinished(served.close)
    await served.publish()
    const url = `${served.siteUrl}/realtime?channels=currentVisitors&minutes=5`
    const answers = await Promise.all(Array.from({ length: 50 }, () => fetch(url)))
    const states = answers.map(({ headers }) => headers.get('X-Cache'))
    expect(states.filter(state => state === 'MISS')).toHaveLength(1)
    expect(states.filter(state => state === 'HIT')).toHaveLength(49)
    const bodies = await Promise.all(answers.map(answer => answer.json() as Promise<Snapshot>))
    expect(new Set(bodies.map(({ cursor }) => cursor)).size).toBe(1)
  })

  it('keeps nothing of what is private', async () => {
    if (program === undefined) return
    const served = await startTestServer('memory', { access: { authorize: () => true } }, port =>
      startNginx(program, port, { isCaching: true }),
    )
    onTestFinished(served.close)
    const url = `${served.siteUrl}/realtime?channels=currentVisitors&minutes=5`
    const [first, second] = [await fetch(url), await fetch(url)]
    expect([first, second].map(({ headers }) => headers.get('X-Cache'))).toEqual(['MISS', 'MISS'])
  })

  it('tells visitors apart by their own addresses', async () => {
    const served = await serveBehind()
    onTestFinished(served.close)
    for (const address of ['198.51.100.7', '198.51.100.8', '198.51.100.7']) {
      const headers = {
        'X-Forwarded-For': address,
        'User-Agent': 'Mozilla/5.0 (X11) Firefox/140.0',
      }
      const body = JSON.stringify({ name: 'page_view', url: 'https://shop.example/' })
      const answer = await fetch(`${served.siteUrl}/events`, { method: 'POST', body, headers })
      expect(answer.status).toBe(202)
    }
    served.clock.advance(250)
    const selection = toSelection(['currentVisitors', 'pageViews'])
    if (!selection) throw new Error('There is no such selection.')
    // nginx adds its peer, loopback here, which is believed; so the address before that is the visitor's.
    expect(await served.read(selection)).toMatchObject({ pageViews: 3, currentVisitors: 2 })
  })

  it.each<[string, NginxSetup]>([
    ['as it is set up', {}],
    ['with a cache', { isCaching: true }],
  ])('answers all who wait for the same frame at once, %s', async (_, setup) => {
    const served = await serveBehind(setup)
    onTestFinished(served.close)
    const { cursor } = await served.read(wideSelection)
    const url = `${served.siteUrl}/realtime/frames?${selectionQuery(wideSelection)}&since=${cursor}&wait=25`
    const held = Array.from({ length: 5 }, async () => {
      const answer = await fetch(url)
      return (await answer.json()) as FramesAnswer
    })
    // Where one waited for another it would be for five seconds, which is nginx's `proxy_cache_lock_timeout`.
    await vi.waitFor(async () => expect(await heldBy(served)).toBe(5), { timeout: 4000 })
    await served.publish()
    const answers = await Promise.all(held)
    const { cursor: to } = await served.read(wideSelection)
    expect(answers.map(answer => answer.to)).toEqual(Array(5).fill(to))
  })

  it('refuses a WebSocket at once and in words, where upgrades are forbidden', async () => {
    const served = await serveBehind({ forbidsUpgrades: true })
    onTestFinished(served.close)
    const url = `${served.siteUrl.replace('http', 'ws')}/realtime/ws`
    const socket = new WebSocket(url, [subprotocol])
    onTestFinished(() => socket.terminate())
    const status = await new Promise((resolve, reject) => {
      socket.on('unexpected-response', (_, answer) => resolve(answer.statusCode))
      socket.on('open', () => resolve(101))
      socket.on('error', reject)
    })
    expect(status).toBe(426)
  })

  describe.each<[StreamingTransport]>([['websocket'], ['sse'], ['long-poll']])('by %s', name => {
    it('a live client comes back when nginx has been gone', { timeout: 60_000 }, async () => {
      const served = await serveBehind()
      onTestFinished(served.close)
      const client = createLiveClient({
        baseUrl: `${served.nginx.url}/api`,
        siteId: 'shop',
        pollIntervalMs: 500,
        transports: [name],
      })
      onTestFinished(client.subscribe(['currentVisitors'], () => {}))
      const isLive = async (): Promise<void> => {
        await vi.waitFor(
          () => {
            // The first ping is a second away by the server's clock.
            served.clock.advance(1000)
            expect(client.view.status).toMatchObject({ phase: 'live', transport: name })
          },
          { timeout: 45_000, interval: 100 },
        )
      }
      await isLive()
      await served.nginx.stop()
      await vi.waitFor(() => expect(client.view.status.error?.code).toBe('network'), patience)
      expect(client.view.state.currentVisitors).toBe(0)

      await served.publish()
      await served.nginx.start()
      await vi.waitFor(() => expect(client.view.state.currentVisitors).toBe(1), { timeout: 30_000 })
      await isLive()
    })
  })
})
