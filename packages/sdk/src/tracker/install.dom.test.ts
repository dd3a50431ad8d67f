// @vitest-environment happy-dom
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { expectWarning } from '../../../../tests/setup/console.ts'
import { type TrackerHost, install } from './install.ts'
import type { Tracker } from './types.ts'

const stops: (() => void)[] = []

function createTag(
  data: Record<string, string>,
  src = 'https://stats.example/tidemark.js',
): HTMLScriptElement {
  const script = document.createElement('script')
  Object.defineProperty(script, 'src', { value: src })
  Object.assign(script.dataset, { heartbeatIntervalMs: '0', ...data })
  return script
}

/** Records the URLs of requests and the names of their events. */
function listen(): { urls: string[]; events: { name: string; url?: string }[] } {
  const sent = { urls: [] as string[], events: [] as { name: string; url?: string }[] }
  vi.stubGlobal('fetch', (url: string, init: { body: string }) => {
    const { events } = JSON.parse(init.body) as { events: { name: string }[] }
    sent.urls.push(url)
    sent.events.push(...events)
    return Promise.resolve(
      Response.json({ accepted: events.length, rejected: [] }, { status: 202 }),
    )
  })
  return sent
}

function installed(host: TrackerHost): Tracker {
  const tracker = host.tidemark as Tracker
  stops.push(tracker.stop)
  return tracker
}

afterEach(() => {
  for (const stop of stops.splice(0)) stop()
  vi.unstubAllGlobals()
})

describe('Script tag', () => {
  it('starts a tracker for its site and the API beside the script', async () => {
    const sent = listen()
    const host: TrackerHost = {}
    install(host, createTag({ site: 'my-site' }))
    const tracker = installed(host)
    tracker.track('sign_up')
    await tracker.flush()
    expect(sent.urls).toEqual(['https://stats.example/api/sites/my-site/events'])
    expect(sent.events.map(({ name }) => name)).toEqual(['page_view', 'sign_up'])
  })

  it('executes the collected calls in order', async () => {
    const sent = listen()
    const host: TrackerHost = {
      tidemark: {
        q: [
          ['track', 'early', { a: 1 }, { value: 2 }],
          ['pageView', { url: 'https://shop.example/virtual' }],
          ['stop'],
          ['constructor'],
          'nonsense',
          null,
          ['track'],
        ],
      },
    }
    install(host, createTag({ site: 's', pageViews: 'false' }))
    const tracker = installed(host)
    tracker.track('late')
    await tracker.flush()
    expect(sent.events).toMatchObject([
      { n: 1, name: 'early', properties: { a: 1 }, value: 2 },
      { n: 2, name: 'page_view', url: 'https://shop.example/virtual' },
      { n: 3, name: 'late' },
    ])
  })

  it('accepts the stub of the documentation', async () => {
    const sent = listen()
    const source = readFileSync(join(import.meta.dirname, 'install.ts'), 'utf8')
    const [, snippet = ''] =
      /<script>\n([^]*?)<\/script>/.exec(source.replaceAll(/^ \* ?/gm, '')) ?? []
    const page = `with (host) { ${snippet}; tidemark.track('early', { a: 1 }) }`
    const run: unknown = Reflect.construct(Function, ['host', page])
    const host: TrackerHost & { window?: unknown } = {}
    host.window = host
    if (typeof run === 'function') Reflect.apply(run, undefined, [host])
    install(host, createTag({ site: 's', pageViews: 'false' }))
    await installed(host).flush()
    expect(sent.events).toMatchObject([{ name: 'early', properties: { a: 1 } }])
  })

  it('warns and does nothing without `data-site`', () => {
    const host: TrackerHost = {}
    expectWarning(/data-site="my-site"/)
    install(host, createTag({}))
    install(host, undefined)
    expect(host).toEqual({})
  })

  it('warns and does nothing when it is loaded twice', async () => {
    listen()
    const host: TrackerHost = {}
    install(host, createTag({ site: 's' }))
    const tracker = installed(host)
    expectWarning(/twice/)
    install(host, createTag({ site: 's' }))
    expect(host.tidemark).toBe(tracker)
    await tracker.flush()
  })
})
