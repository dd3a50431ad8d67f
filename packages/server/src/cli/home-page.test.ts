import { hash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { TidemarkOptions } from '../config.ts'
import type { FetchApp } from '../listen.ts'
import { type TestServer, createTestServer } from '../testing/server.ts'
import { type HomePageOptions, withHomePage } from './home-page.ts'
import type { HomePageRules } from './home-page-html.ts'

const origin = 'http://stats.example:4711'

/** @param hasTracker whether the tracker is built */
function open(rules: Partial<HomePageRules> = {}, hasTracker = true) {
  const paths: string[] = []
  const server = {
    fetch: (request: Request): Response => {
      paths.push(new URL(request.url).pathname)
      return new Response('the server')
    },
  }
  const home = { sites: ['shop'], readers: 'anyone', senders: 'anyone', ...rules } as const
  const scriptTag: HomePageOptions['scriptTag'] = async ({ site, url }) =>
    hasTracker ? `<script src="${url}/tidemark.0.js" data-site="${site}"></script>` : undefined
  const app = withHomePage({ server, scriptTag, rules: () => home })
  const get = async (path: string, init?: RequestInit): Promise<Response> =>
    app.fetch(new Request(`${origin}${path}`, init), {})
  return { get, paths }
}

const textOf = async (...given: Parameters<typeof open>): Promise<string> =>
  toText(await (await open(...given).get('/')).text())

const characters: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' }

/** Returns the text of a page: no elements, one space for each gap. */
function toText(page: string): string {
  const [, body = ''] = page.split('<body>')
  return body
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/&([#\w]+);/g, (_, name: string) => characters[name] ?? '')
    .replaceAll(/\s+/g, ' ')
}

describe('home page', () => {
  it('is HTML without scripts and caching, for GET and HEAD with any query', async () => {
    for (const path of ['/', '/?from=mail']) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await open().get(path, { method })
        expect([answer.status, Object.fromEntries(answer.headers)]).toEqual([
          200,
          {
            'content-type': 'text/html; charset=utf-8',
            'content-security-policy': expect.stringMatching(
              /^default-src 'none'; style-src 'sha256-[\w+/=]+'; /,
            ),
            'referrer-policy': 'no-referrer',
            'x-content-type-options': 'nosniff',
            'cache-control': 'no-store',
            'x-request-id': expect.stringMatching(/^[\da-f-]{36}$/),
          },
        ])
      }
    }
  })

  it('allows the style that it has', async () => {
    const answer = await open().get('/')
    const [, style = ''] = /<style>([^]*)<\/style>/.exec(await answer.text()) ?? []
    expect(answer.headers.get('Content-Security-Policy')).toContain(
      `style-src 'sha256-${hash('sha256', style, 'base64')}'`,
    )
  })

  it('passes all other requests to the server', async () => {
    const { get, paths } = open()
    for (const path of ['/api/sites/shop/realtime?x=/', '/index.html', '/tidemark.js', '//']) {
      expect(await (await get(path)).text()).toBe('the server')
    }
    expect(await (await get('/', { method: 'POST' })).text()).toBe('the server')
    expect(paths).toEqual(['/api/sites/shop/realtime', '/index.html', '/tidemark.js', '//', '/'])
  })

  it('has a script tag with the host of the request', async () => {
    expect(await textOf()).toContain(
      ' <script src="//stats.example:4711/tidemark.0.js" data-site="SITE"></script> ',
    )
  })

  it('has no script tag when the tracker is not built, or when sending requires a token', async () => {
    const unbuilt = await textOf({}, false)
    expect(unbuilt).not.toContain('tidemark.js')
    expect(unbuilt).toContain('The tracker script has not been built')
    const closed = await textOf({ senders: 'key' })
    expect(closed).not.toContain('<script')
    expect(closed).toContain('events send events, requires a token')
  })

  it('lists the endpoints that require a token, and the valid site IDs', async () => {
    const free = await textOf({ sites: undefined })
    expect(free).not.toContain('token')
    expect(free).toContain('its first use creates the site')
    const closed = await textOf({ readers: { secretFile: undefined } })
    expect(closed.match(/, requires a token\b/g)).toHaveLength(3)
    expect(closed).toContain('SITE is the ID of a site of this server.')
  })

  it('lists endpoints that exist', async () => {
    const { ask } = createTestServer()
    const endpoints = [...(await textOf({}, false)).matchAll(/ (GET|POST) (\/\S+)/g)]
    expect(endpoints).toHaveLength(5)
    for (const [, method = '', path = ''] of endpoints) {
      const body = method === 'POST' ? '{"events":[]}' : undefined
      const answer = await ask(path, { method, ...(body !== undefined && { body }) })
      expect(answer.ok, path).toBe(true)
    }
  })
})

describe('home page: warnings', () => {
  interface Client {
    url?: string
    address?: string
    headers?: Record<string, string>
  }

  /** Opens the page over a server, by default as a browser on this machine. */
  async function view(
    { tidemark }: Pick<TestServer, 'tidemark'>,
    rules: Partial<HomePageRules> = {},
    client: Client = {},
  ): Promise<string> {
    const { url = 'http://127.0.0.1:4711/', address = '127.0.0.1', headers = {} } = client
    const home = {
      sites: ['shop', 'blog'],
      readers: 'anyone',
      senders: 'anyone',
      ...rules,
    } as const
    const options = { server: tidemark, scriptTag: tidemark.scriptTag, rules: () => home }
    const answer = await withHomePage(options).fetch(new Request(url, { headers }), { address })
    return answer.text()
  }

  /** A server with one repeated event of `shop`. */
  async function createRepeating(options: TidemarkOptions = {}): Promise<TestServer> {
    const server = createTestServer({ sites: ['shop', 'blog'], ...options })
    for (let round = 0; round < 2; round++) {
      await server.send({ client: 'c', n: 1, name: 'a', visitorId: 'v' })
    }
    return server
  }

  it('lists the warnings of sites that have some, with their times', async () => {
    const server = await createRepeating()
    const page = await view(server)
    expect(page).toContain('<h3>shop</h3>')
    expect(page).not.toContain('<h3>blog</h3>')
    expect(toText(page)).toContain(
      'shop 1 event arrived again, and was counted once. Retries do this, and nothing is lost. If the number grows ' +
        'fast, check n of the sender. At 2026-03-10 12:00:00 UTC ',
    )
    server.clock.advance(61_000)
    await server.send({ client: 'c', n: 1, name: 'a', visitorId: 'v' })
    expect(toText(await view(server))).toContain(
      ' Last at 2026-03-10 12:01:01 UTC, first at 2026-03-10 12:00:00 UTC ',
    )
  })

  it('says that there are none', async () => {
    const server = createTestServer({ sites: ['shop', 'blog'] })
    expect(toText(await view(server))).toContain(' Warnings No warnings since the server started')
  })

  it('names the endpoint when any ID is a site', async () => {
    const text = toText(await view(await createRepeating(), { sites: undefined }))
    expect(text).toContain(' Warnings Warnings of a site: GET /api/sites/SITE/warnings ')
    expect(text).not.toContain('No warnings')
  })

  it('reads at most 20 sites', async () => {
    const others = Array.from({ length: 20 }, (_, index) => `site-${index}`)
    const server = await createRepeating({ sites: ['shop', ...others] })
    const text = toText(await view(server, { sites: [...others, 'shop'] }))
    expect(text).not.toContain('arrived again')
    expect(text).toContain('Warnings of a site: GET')
    expect(toText(await view(server, { sites: [...others.slice(1), 'shop'] }))).toContain(
      'arrived again',
    )
  })

  it('escapes texts', async () => {
    const server: FetchApp = {
      fetch: () =>
        Response.json({
          warnings: [{ text: '<script>&`<b>`', remedy: '"x"', firstAt: 0, lastAt: 0 }],
        }),
    }
    const rules: HomePageRules = { sites: ['<i>'], readers: 'anyone', senders: 'anyone' }
    const app = withHomePage({ server, scriptTag: async () => undefined, rules: () => rules })
    const answer = await app.fetch(new Request('http://localhost/'), { address: '::1' })
    const page = await answer.text()
    expect(page).toContain('<h3>&lt;i&gt;</h3>')
    expect(page).toContain('<strong>&lt;script&gt;&amp;<code>&lt;b&gt;</code></strong>')
    expect(page).toContain('<span>&quot;x&quot;</span>')
  })

  it.each<[string, Client]>([
    ['from another machine', { address: '198.51.100.7' }],
    ['from an unknown address', { address: '' }],
    ['through a proxy', { headers: { 'X-Forwarded-For': '198.51.100.7' } }],
    ['at another host name', { url: 'http://stats.example/' }],
  ])('shows none and names no site to a client %s', async (_, client) => {
    const page = await view(await createRepeating(), {}, client)
    expect(page).not.toMatch(/<h2>Warnings|shop|blog/)
  })

  it('shows none when readers need a token', async () => {
    const server = await createRepeating()
    const page = await view(server, { readers: { secretFile: undefined } })
    expect(page).not.toMatch(/<h2>Warnings|shop|blog/)
  })

  it('shows none that the API refuses', async () => {
    const server = await createRepeating({
      access: { authorize: (_, __, scope) => scope === 'write' },
    })
    expect(await view(server)).not.toMatch(/<h2>Warnings|shop|blog/)
  })
})
