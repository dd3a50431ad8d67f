import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Snapshot, toSelection } from '@tidemark/protocol'
import { createLiveClient } from '@tidemark/sdk/live'
import { installTimeoutMs, requireProgram, whyMissing } from '../../scripts/program.ts'
import { describeConformance } from '../stream/conformance.ts'
import { type Served, serve } from '../stream/served.ts'
import { type TransportName, transportNames } from '../stream/transports/index.ts'
import { type Nginx, type NginxSetup, startNginx } from './nginx.ts'

vi.setConfig({ hookTimeout: installTimeoutMs })

const program = await requireProgram('nginx')

/** The server behind nginx, and nginx itself. */
async function serveBehind(setup: NginxSetup = {}): Promise<Served & { nginx: Nginx }> {
  if (program === undefined) throw new Error(whyMissing('nginx'))
  let nginx: Nginx | undefined
  const served = await serve('memory', { trustedProxies: ['127.0.0.1'] }, async port => {
    nginx = await startNginx(program, port, setup)
    return nginx
  })
  if (!nginx) throw new Error('nginx was not started.')
  return { ...served, nginx }
}

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
    await served.visit()
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
    const served = await serve('memory', { authorize: () => true }, port =>
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

  it('has a live client come back when nginx has been gone', { timeout: 60_000 }, async () => {
    const served = await serveBehind()
    onTestFinished(served.close)
    const client = createLiveClient({
      baseUrl: `${served.nginx.url}/api`,
      siteId: 'shop',
      pollIntervalMs: 500,
    })
    const stop = client.subscribe(['currentVisitors'], () => {})
    onTestFinished(stop)
    const isLive = async (): Promise<void> => {
      await vi.waitFor(
        () => {
          // The first ping is a second away by the server's clock.
          served.clock.advance(1000)
          expect(client.view.status.phase).toBe('live')
        },
        { timeout: 45_000, interval: 100 },
      )
    }
    await isLive()
    expect(client.view.status.transport).toBe('websocket')
    await served.nginx.stop()
    await vi.waitFor(() => expect(client.view.status.error?.code).toBe('network'), {
      timeout: 10_000,
    })
    expect(client.view.state.currentVisitors).toBe(0)

    await served.visit()
    await served.nginx.start()
    await vi.waitFor(() => expect(client.view.state.currentVisitors).toBe(1), { timeout: 30_000 })
    await isLive()
  })
})
