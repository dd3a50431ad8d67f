import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLiveClient } from './client.ts'
import { type FakeServer, createFakeServer } from './testing/fake-server.ts'
import { connectMs, snapshotAt } from './testing/scenario.ts'

let server: FakeServer
beforeEach(() => void (server = createFakeServer()))
afterEach(() => void vi.useRealTimers())

/** Where the client polls, and where it connects to. */
async function addresses(options: {
  baseUrl: string
  siteId?: string
  href?: string
}): Promise<string[]> {
  const { baseUrl, siteId = 'shop', href } = options
  const client = createLiveClient({ baseUrl, siteId, platform: { ...server.platform, href } })
  client.subscribe(['currentVisitors'], () => {})
  await server.clock.flush()
  server.poll.answer(snapshotAt('7.3'))
  await server.clock.advance(connectMs)
  const { origin, pathname } = server.poll.url
  return [origin + pathname, server.socket.url]
}

describe('the address of the server', () => {
  it.each([
    ['is taken as it is', { baseUrl: 'https://stats.test/api' }, 'stats.test/api'],
    ['may end in a slash', { baseUrl: 'https://stats.test/api/' }, 'stats.test/api'],
    ['may end in several', { baseUrl: 'https://stats.test/api///' }, 'stats.test/api'],
    ['may have a port', { baseUrl: 'https://stats.test:8443/api' }, 'stats.test:8443/api'],
    ['may be a whole host', { baseUrl: 'https://stats.test' }, 'stats.test'],
    ['may be in capitals', { baseUrl: 'HTTPS://Stats.Test/Api' }, 'stats.test/Api'],
    [
      "may be of the page's own host",
      { baseUrl: '/api', href: 'https://shop.test/dashboard/today?x=1#y' },
      'shop.test/api',
    ],
    [
      'may be relative to the page',
      { baseUrl: '../api/', href: 'https://shop.test/admin/dashboard/today' },
      'shop.test/admin/api',
    ],
    [
      'may leave out the scheme',
      { baseUrl: '//stats.test/api', href: 'https://shop.test/' },
      'stats.test/api',
    ],
    [
      'is not changed by the page when it is whole',
      { baseUrl: 'https://stats.test/api', href: 'http://shop.test/' },
      'stats.test/api',
    ],
  ])('%s', async (_, options, base) => {
    expect(await addresses(options)).toEqual([
      `https://${base}/sites/shop/realtime`,
      `wss://${base}/sites/shop/realtime/ws`,
    ])
  })

  it('without TLS is one without TLS for both', async () => {
    expect(await addresses({ baseUrl: '/http', href: 'http://localhost:4711/' })).toEqual([
      'http://localhost:4711/http/sites/shop/realtime',
      'ws://localhost:4711/http/sites/shop/realtime/ws',
    ])
  })

  it('that is relative to nothing is a mistake, told at once', () => {
    expect(() =>
      createLiveClient({ baseUrl: '/api', siteId: 'shop', platform: server.platform }),
    ).toThrow(TypeError)
  })
})

describe('the id of a site', () => {
  it.each([
    ['with dots and dashes', 'my-shop.example_2', 'my-shop.example_2'],
    ['with a slash', 'a/b', 'a%2Fb'],
    ['with what would begin a query or a fragment', 'a?b#c', 'a%3Fb%23c'],
    ['with a percent sign', '100%', '100%25'],
    ['beyond ASCII', 'käse 🧀', 'k%C3%A4se%20%F0%9F%A7%80'],
  ])('%s stays one part of the path', async (_, siteId, part) => {
    expect(await addresses({ baseUrl: 'https://stats.test/api', siteId })).toEqual([
      `https://stats.test/api/sites/${part}/realtime`,
      `wss://stats.test/api/sites/${part}/realtime/ws`,
    ])
  })
})
