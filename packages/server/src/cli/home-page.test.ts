import { describe, expect, it } from 'vitest'
import { createTestServer } from '../testing/server.ts'
import { type HomePageOptions, withHomePage } from './home-page.ts'

const origin = 'http://stats.example:4711'

/** @param tracker what `/tidemark.js` is answered with */
function open(options: Partial<Omit<HomePageOptions, 'server'>> = {}, tracker = 200) {
  const asked: string[] = []
  const server = {
    fetch: (request: Request): Response => {
      asked.push(new URL(request.url).pathname)
      return new Response('the server', { status: tracker })
    },
  }
  const home = { acceptsAnySite: false, readers: 'anyone', senders: 'anyone', ...options } as const
  const app = withHomePage({ server, ...home })
  const ask = async (path: string, init?: RequestInit): Promise<Response> =>
    app.fetch(new Request(`${origin}${path}`, init), {})
  return { ask, asked }
}

const textOf = async (...given: Parameters<typeof open>): Promise<string> =>
  (await open(...given).ask('/')).text()

describe('the page at the root of a server', () => {
  it('is plain text that no cache keeps, for GET and HEAD, whatever the query', async () => {
    for (const path of ['/', '/?from=mail']) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await open().ask(path, { method })
        expect([answer.status, Object.fromEntries(answer.headers)]).toEqual([
          200,
          {
            'content-type': 'text/plain; charset=utf-8',
            'x-content-type-options': 'nosniff',
            'cache-control': 'no-store',
          },
        ])
      }
    }
  })

  it('leaves all else to the server', async () => {
    const { ask, asked } = open()
    for (const path of ['/api/sites/shop/realtime?x=/', '/index.html', '/tidemark.js', '//']) {
      expect(await (await ask(path)).text()).toBe('the server')
    }
    expect(await (await ask('/', { method: 'POST' })).text()).toBe('the server')
    expect(asked).toEqual(['/api/sites/shop/realtime', '/index.html', '/tidemark.js', '//', '/'])
  })

  it('has a script tag for the name by which it was asked for', async () => {
    expect(await textOf()).toContain(
      '  <script defer src="//stats.example:4711/tidemark.js" data-site="SITE"></script>\n',
    )
  })

  it('has none where the tracker has not been built, or where a page could not send', async () => {
    const unbuilt = await textOf({}, 404)
    expect(unbuilt).not.toContain('tidemark.js')
    expect(unbuilt).toContain('There is no tracker for pages yet')
    const closed = await textOf({ senders: 'key' })
    expect(closed).not.toContain('<script')
    expect(closed).toMatch(/events +takes events, with a token$/m)
  })

  it('says what takes a token, and which ids a site may have', async () => {
    const free = await textOf({ acceptsAnySite: true })
    expect(free).not.toContain('token')
    expect(free).toContain('a site is made when it is first named')
    const closed = await textOf({ readers: { secretFile: undefined } })
    expect(closed.match(/, with a token$/gm)).toHaveLength(2)
    expect(closed).toContain('SITE is the id of a site of this server.')
  })

  it('names addresses that there are', async () => {
    const { ask } = createTestServer()
    const addresses = (await textOf()).matchAll(/^ {2}(GET|POST) +(\S+)/gm)
    for (const [, method = '', path = ''] of addresses) {
      const body = method === 'POST' ? '{"events":[]}' : undefined
      const answer = await ask(path, { method, ...(body !== undefined && { body }) })
      expect(answer.ok, path).toBe(true)
    }
  })
})
