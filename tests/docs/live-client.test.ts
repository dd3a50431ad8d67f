// @vitest-environment happy-dom
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ChannelName, channelNames } from '@tidemark/protocol'
import { type LiveView, createLiveClient } from '@tidemark/sdk/live'
import { createTidemark } from '@tidemark/server'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { membersOf, namesIn, readPage } from './page.ts'

const page = await readPage('docs/live-client.md')
const examples = join(import.meta.dirname, 'examples')
const types = 'packages/sdk/src/live/types.ts'

const snapshot = {
  cursor: '7.3',
  at: 1_790_000_000_000,
  windowMinutes: 5,
  currentVisitors: 42,
  activePages: [
    { path: '/<b>boots', visitors: 40 },
    { path: '/', visitors: 2 },
  ],
}

describe('docs/live-client.md', () => {
  it('shows the example files that tests run', () => {
    const files = [
      'live.ts',
      'live-pages.ts',
      'live-page.ts',
      'live-property.ts',
      'live-with-key.ts',
    ].map(name => readFileSync(join(examples, name), 'utf8'))
    expect(page.blocks('ts').map(block => `${block}\n`)).toEqual(files)
  })

  it('runs the examples for a page', async () => {
    vi.stubGlobal('fetch', async () => Response.json(snapshot))
    vi.stubGlobal('WebSocket', undefined)
    onTestFinished(() => void vi.unstubAllGlobals())
    const shortest = await import('./examples/live.ts')
    const pages = await import('./examples/live-pages.ts')
    await vi.waitFor(() => expect(document.title).toBe('42 visitors'))
    await vi.waitFor(() => expect(document.body.textContent).toBe('/<b>boots 40\n/ 2'))
    expect(document.body.style.opacity).toBe('1')
    shortest.unsubscribe()
    pages.unsubscribe()
  })

  it('runs the example for the visitors of a page', async () => {
    const pageVisitors = [{ path: '/boots', visitors: 17 }]
    vi.stubGlobal('fetch', async () => Response.json({ ...snapshot, pageVisitors }))
    vi.stubGlobal('WebSocket', undefined)
    onTestFinished(() => void vi.unstubAllGlobals())
    const { unsubscribe } = await import('./examples/live-page.ts')
    await vi.waitFor(() => expect(document.title).toBe('17 people look at this'))
    unsubscribe()
  })

  it('runs the example for a property', async () => {
    const rows = [
      { property: '<b>pro', events: 3, visitors: 2 },
      { property: 'free', events: 1, visitors: 1 },
    ]
    const properties = [{ event: 'purchase', property: 'plan', rows }]
    vi.stubGlobal('fetch', async () => Response.json({ ...snapshot, properties }))
    vi.stubGlobal('WebSocket', undefined)
    onTestFinished(() => void vi.unstubAllGlobals())
    const { unsubscribe } = await import('./examples/live-property.ts')
    await vi.waitFor(() => expect(document.body.textContent).toBe('<b>pro: 3\nfree: 1'))
    unsubscribe()
  })

  it.each([
    ['SubscribeOptions', '| option of `subscribe` '],
    ['LiveOptions', '| option '],
    ['LiveClient', '| member '],
    ['LiveStatus', '| field of `status` '],
  ])('lists every member of %s', async (name, head) => {
    const members = await membersOf(types, name)
    expect(members.length).toBeGreaterThan(0)
    const [, after = ''] = page.text.split(head)
    const [table = ''] = after.split('\n\n')
    const cells = [...table.matchAll(/^\| ([^|]+)/gm)].map(([, cell = '']) => [cell])
    const listed = namesIn(cells).map(each => each.replace(/\(.*/, ''))
    expect(new Set(listed)).toEqual(new Set(members))
  })

  it('lists every phase', () => {
    const source = readFileSync(join(import.meta.dirname, '../..', types), 'utf8')
    const [, phases = ''] = /type LivePhase = (.*)/.exec(source) ?? []
    const [, after = ''] = page.text.split('\n\n| `phase` ')
    const [table = ''] = after.split('\n\n')
    const listed = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, phase]) => `'${phase}'`)
    expect(listed.join(' | ')).toBe(phases)
  })

  it('subscribes to a server that serves every channel', async () => {
    const tidemark = createTidemark()
    const client = createLiveClient({
      baseUrl: 'https://stats.example.com/api',
      siteId: 'my-site',
      transports: [],
      platform: { fetch: async (input, init) => tidemark.fetch(new Request(input, init)) },
    })
    let view: LiveView = client.view
    const unsubscribe = client.subscribe(['currentVisitors'], next => void (view = next))
    await vi.waitFor(() => expect(view.state.currentVisitors).toBe(0))

    const answer = await tidemark.fetch(
      new Request('https://a.example/api/sites/a/realtime?path=/&property=a.b'),
    )
    const served = Object.keys(await answer.json())
    expect(channelNames.filter(name => !served.includes(name))).toEqual([])
    unsubscribe()
    await tidemark.close()
  })

  it('documents the errors that are thrown', () => {
    const client = createLiveClient({ baseUrl: 'https://stats.example.com/api', siteId: 'my-site' })
    expect(() => client.subscribe(['visitors' as ChannelName], () => {})).toThrow(TypeError)
    expect(() => client.subscribe(['pageVisitors'], () => {})).toThrow(TypeError)
    const options = { paths: ['boots'] }
    expect(() => client.subscribe(['pageVisitors'], () => {}, options)).toThrow(TypeError)
    const unnamed = { properties: [{ event: 'purchase', property: '' }] }
    expect(() => client.subscribe(['properties'], () => {}, unnamed)).toThrow(TypeError)
    expect(() => client.subscribe(['properties'], () => {})).toThrow(TypeError)
    const platform = { href: undefined, page: undefined }
    const create = (): unknown => createLiveClient({ baseUrl: '/api', siteId: 'my-site', platform })
    expect(create).toThrow(TypeError)
  })
})
