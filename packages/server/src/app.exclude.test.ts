import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TidemarkOptions } from './config.ts'
import { makeDirectory } from './testing/directory.ts'
import { createTestServer } from './testing/server.ts'

const key = 'a-key-of-a-backend-with-32-bytes'
const view = { name: 'page_view', url: 'https://shop.example/boots' }

function setUp(options: TidemarkOptions = {}) {
  const server = createTestServer({
    sites: ['shop', { id: 'blog', exclude: { addresses: ['2001:db8::/32'] }, writeKeys: [key] }],
    exclude: { addresses: ['203.0.113.0/24'] },
    proxy: { trusted: ['127.0.0.1'] },
    ...options,
  })
  const { ask } = server
  const sendFrom = async (address: string, site: string, body: object, bearer?: string) => {
    const headers = {
      'X-Forwarded-For': address,
      ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }),
    }
    const answer = await server.send(body, { site, headers })
    return [answer.status, await answer.json()] as const
  }
  const pageViews = async (site: string) =>
    (await server.read('?channels=pageViews,currentVisitors', site))['pageViews']
  const getJson = async (path: string) =>
    (await (await ask(path)).json()) as Record<string, unknown>
  return { ...server, sendFrom, pageViews, getJson }
}

describe('Excluded addresses', () => {
  it('are accepted and not counted, of every site and of one site', async () => {
    const { sendFrom, pageViews } = setUp()
    const accepted = [202, { accepted: 1, rejected: [] }]
    for (const address of [
      '203.0.113.9',
      '::ffff:203.0.113.9',
      '203.0.113.9:4711',
      '2001:db8::7',
    ]) {
      expect(await sendFrom(address, 'blog', view)).toEqual(accepted)
    }
    expect(await sendFrom('203.0.113.9', 'shop', view)).toEqual(accepted)
    expect([await pageViews('shop'), await pageViews('blog')]).toEqual([0, 0])
    await sendFrom('2001:db8::7', 'shop', view)
    await sendFrom('198.51.100.1', 'blog', view)
    expect([await pageViews('shop'), await pageViews('blog')]).toEqual([1, 1])
  })

  it('do not count as visitors by their heartbeats', async () => {
    const { sendFrom, read } = setUp()
    await sendFrom('203.0.113.9', 'shop', { ...view, name: 'heartbeat', visitorId: 'v' })
    expect(await read('?channels=currentVisitors')).toMatchObject({ currentVisitors: 0 })
  })

  it('are counted in the limits and in the warnings', async () => {
    const { sendFrom, getJson } = setUp()
    const events = Array.from({ length: 120 }, () => view)
    await sendFrom('203.0.113.9', 'shop', { events })
    expect(await getJson('/api/sites/shop/limits')).toMatchObject({ sinceStart: { excluded: 120 } })
    expect(await getJson('/api/sites/shop/warnings')).toMatchObject({
      warnings: [
        {
          kind: 'address_excluded',
          text: '120 events came from excluded addresses, and were not counted.',
        },
      ],
    })
  })

  it('are those of the visitors that a write key describes', async () => {
    const { sendFrom, pageViews } = setUp()
    const events = [
      { ...view, address: '203.0.113.9' },
      { ...view, address: '198.51.100.1' },
      { ...view, address: 'x' },
      view,
    ]
    const batch = { address: '2001:db8::7', events }
    const verdict = { accepted: 3, rejected: [{ index: 2, code: 'address_invalid' }] }
    expect(await sendFrom('198.51.100.2', 'blog', batch, key)).toEqual([202, verdict])
    expect(await pageViews('blog')).toBe(1)
    // Without the key, an address in the body has no effect.
    await sendFrom('198.51.100.2', 'shop', batch)
    expect(await pageViews('shop')).toBe(4)
  })

  it('leave nothing in the log, and the other events of a batch keep their numbers', async () => {
    const [running, crashed] = [makeDirectory(), makeDirectory()]
    const first = setUp({ storage: { dataDir: running } })
    const events = [
      { ...view, visitorId: 'own', address: '203.0.113.9' },
      { ...view, visitorId: 'other', address: '198.51.100.1' },
    ]
    await first.sendFrom('198.51.100.2', 'blog', { client: 'c', events }, key)
    const count = async ({ getJson }: ReturnType<typeof setUp>): Promise<unknown> =>
      (await getJson('/api/sites/blog/metrics?granularity=day'))['totals']
    const before = await count(first)
    // As after a crash: the log has the events, and no checkpoint has counted them.
    for (const file of ['tidemark.db', 'tidemark.db-wal']) {
      cpSync(join(running, file), join(crashed, file))
    }
    const second = setUp({ storage: { dataDir: crashed } })
    await second.tidemark.ready
    expect(await count(second)).toEqual(before)
    expect(before).toMatchObject({ events: 1, visitors: 1 })
  })

  it('change with a reload', async () => {
    const { tidemark, sendFrom, pageViews } = setUp()
    await tidemark.reload({ sites: ['shop'], proxy: { trusted: ['127.0.0.1'] } })
    await sendFrom('203.0.113.9', 'shop', view)
    expect(await pageViews('shop')).toBe(1)
  })

  it('must be addresses or CIDR blocks', () => {
    expect(() => setUp({ exclude: { addresses: ['203.0.113.0/40'] } })).toThrow(
      'exclude.addresses[0]: ',
    )
  })
})
