import { describe, expect, it } from 'vitest'
import { createTestServer } from '../testing/server.ts'
import { type HomePageOptions, type HomePageRules, withHomePage } from './home-page.ts'

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
  (await open(...given).get('/')).text()

describe('home page', () => {
  it('is plain text without caching, for GET and HEAD with any query', async () => {
    for (const path of ['/', '/?from=mail']) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await open().get(path, { method })
        expect([answer.status, Object.fromEntries(answer.headers)]).toEqual([
          200,
          {
            'content-type': 'text/plain; charset=utf-8',
            'x-content-type-options': 'nosniff',
            'cache-control': 'no-store',
            'x-request-id': expect.stringMatching(/^[\da-f-]{36}$/),
          },
        ])
      }
    }
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
      '  <script src="//stats.example:4711/tidemark.0.js" data-site="SITE"></script>\n',
    )
  })

  it('has no script tag when the tracker is not built, or when sending requires a token', async () => {
    const unbuilt = await textOf({}, false)
    expect(unbuilt).not.toContain('tidemark.js')
    expect(unbuilt).toContain('The tracker script has not been built')
    const closed = await textOf({ senders: 'key' })
    expect(closed).not.toContain('<script')
    expect(closed).toMatch(/events +send events, requires a token$/m)
  })

  it('lists the endpoints that require a token, and the valid site IDs', async () => {
    const free = await textOf({ sites: undefined })
    expect(free).not.toContain('token')
    expect(free).toContain('its first use creates the site')
    const closed = await textOf({ readers: { secretFile: undefined } })
    expect(closed.match(/, requires a token$/gm)).toHaveLength(2)
    expect(closed).toContain('SITE is the ID of a site of this server:')
  })

  it('lists endpoints that exist', async () => {
    const { ask } = createTestServer()
    const endpoints = (await textOf({}, false)).matchAll(/^ {2}(GET|POST) +(\S+)/gm)
    for (const [, method = '', path = ''] of endpoints) {
      const body = method === 'POST' ? '{"events":[]}' : undefined
      const answer = await ask(path, { method, ...(body !== undefined && { body }) })
      expect(answer.ok, path).toBe(true)
    }
  })
})
