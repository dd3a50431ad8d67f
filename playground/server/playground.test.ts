import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Snapshot, parseCursor } from '@tidemark/protocol'
import type { MetricsAnswer } from '@tidemark/server'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Playground, type PlaygroundOptions, startPlayground } from './index.ts'
import { startFaultyProxy } from './network/faulty-proxy.ts'
import { createRandom } from './testing/random.ts'

// Each start and restart spawns a process, which is slow on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let folder = ''
let playground: Playground
const errors: string[] = []

/** The tests share one playground because a start is slow. Each test uses its own site. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-playground-'))
  playground = await startPlayground({
    port: 0,
    dataDir: join(folder, 'data'),
    simulation: 'off',
    pagesDir: join(folder, 'nothing'),
    random: createRandom(1),
    onError: message => void errors.push(message),
  })
})

afterAll(async () => {
  await playground.close()
  await rm(folder, { recursive: true })
  expect(errors).toEqual([])
})

async function snapshotOf(site: string): Promise<Snapshot> {
  const response = await fetch(`${playground.url}/api/sites/${site}/realtime`)
  return (await response.json()) as Snapshot
}

async function view(site: string, path: string, headers = {}): Promise<number> {
  const { url } = playground
  const response = await fetch(`${url}/api/sites/${site}/events`, {
    method: 'POST',
    headers: { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/142.0', ...headers },
    body: JSON.stringify({ name: 'page_view', url: url + path }),
  })
  return response.status
}

async function epoch(): Promise<number> {
  return parseCursor((await snapshotOf('any')).cursor)?.epoch ?? 0
}

/** Returns a free port; the system does not assign it to another socket soon. */
async function freePort(): Promise<number> {
  const proxy = await startFaultyProxy({
    port: 0,
    hostname: '127.0.0.1',
    upstreamPort: () => 0,
    pages: () => {},
  })
  await proxy.close()
  return proxy.port
}

describe('Playground', () => {
  it('serves the API and the switches on one port', async () => {
    expect(await view('port', '/c/paper')).toBe(202)
    const { recentEvents } = await snapshotOf('port')
    expect(recentEvents).toMatchObject([{ name: 'page_view', path: '/c/paper' }])
    const switches = await fetch(`${playground.url}/playground/switches`)
    expect(await switches.json()).toEqual({
      websocket: 'open',
      streams: 'open',
      network: 'up',
      simulation: 'off',
      server: 'up',
      shoppers: 0,
    })
  })

  it('identifies visitors by the socket address, not by a forged header', async () => {
    const agent = { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Firefox/142.0' }
    await view('address', '/', { ...agent, 'X-Forwarded-For': '203.0.113.7' })
    await view('address', '/', { ...agent, 'X-Forwarded-For': '203.0.113.8' })
    expect((await snapshotOf('address')).currentVisitors).toBe(1)
  })

  it('applies the switches', async () => {
    playground.setSwitches({ network: 'cut' })
    expect(playground.state).toMatchObject({ network: 'cut', websocket: 'open' })
    await expect(view('switches', '/')).rejects.toThrow('fetch failed')
    playground.setSwitches({ network: 'up' })
    expect(await view('switches', '/')).toBe(202)
  })

  it('answers 502 during a restart, and returns in a new epoch with all logged events', async () => {
    await view('restart', '/before')
    const before = await epoch()
    const restarted = playground.restart(0)
    expect(playground.state.server).toBe('down')
    expect(await view('restart', '/lost')).toBe(502)
    await restarted
    expect(playground.state.server).toBe('up')

    await view('restart', '/after')
    expect(await epoch()).toBeGreaterThan(before)
    const { recentEvents } = await snapshotOf('restart')
    expect(recentEvents?.map(({ path }) => path)).toEqual(['/after', '/before'])
  })

  it('combines concurrent restarts into one', async () => {
    const [first, second] = [playground.restart(0), playground.restart(0)]
    await first
    const after = await epoch()
    await second
    expect(await epoch()).toBe(after)
  })

  it('answers 503 with the build command when the pages are not built', async () => {
    const response = await fetch(playground.url)
    expect(response.status).toBe(503)
    expect(await response.text()).toContain('pnpm build:demo')
  })

  it('simulates shoppers and backfills one hour when the simulation is turned on', async () => {
    const waitOptions = { timeout: 10_000 }
    playground.setSwitches({ simulation: 'on' })
    await vi.waitFor(async () => {
      const { currentVisitors = 0 } = await snapshotOf('demo')
      expect(currentVisitors).toBeGreaterThan(5)
      expect(playground.state.shoppers).toBeGreaterThan(5)
    }, waitOptions)
    const history = await fetch(`${playground.url}/api/sites/demo/metrics`)
    const { buckets } = (await history.json()) as MetricsAnswer
    expect(buckets.filter(({ pageViews }) => pageViews > 0).length).toBeGreaterThan(50)
    playground.setSwitches({ simulation: 'off' })
    expect(playground.state.simulation).toBe('off')
  })
})

describe('Playground: failed start', () => {
  const start = (options: PlaygroundOptions): Promise<Playground> =>
    startPlayground({ port: 0, dataDir: join(folder, 'other'), simulation: 'off', ...options })

  it('rejects when the port is in use', async () => {
    await expect(start({ port: playground.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('rejects with the reason when the log cannot be opened, and releases the port', async () => {
    await writeFile(join(folder, 'file'), '')
    const port = await freePort()
    const dataDir = join(folder, 'file', 'data')
    await expect(start({ port, dataDir })).rejects.toThrow('ENOTDIR')
    await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow('fetch failed')
  })
})

describe('Playground: close', () => {
  const options: PlaygroundOptions = { port: 0, simulation: 'off' }

  it('cancels a pending restart', async () => {
    const other = await startPlayground({ ...options, dataDir: join(folder, 'waiting') })
    const restart = other.restart(60_000)
    await other.close()
    await expect(restart).resolves.toBeUndefined()
  })

  it('recognizes logged shoppers as simulated at the next start', async () => {
    const again: PlaygroundOptions = { ...options, dataDir: join(folder, 'again') }
    const random = createRandom(1)
    const first = await startPlayground({ ...again, random, simulation: 'on' })
    await vi.waitFor(() => expect(first.state.shoppers).toBeGreaterThan(5), { timeout: 10_000 })
    await first.close()
    const second = await startPlayground(again)
    // A visit may end between the two readings.
    await vi.waitFor(async () => {
      const response = await fetch(`${second.url}/api/sites/demo/realtime?channels=currentVisitors`)
      const { currentVisitors } = (await response.json()) as Snapshot
      expect(second.state.shoppers).toBe(currentVisitors)
    })
    await second.close()
  })
})
