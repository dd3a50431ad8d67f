import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLiveClient } from './client.ts'
import { type FakeServer, createFakeServer } from './testing/fake-server.ts'
import { connectMs, snapshotAt } from './testing/scenario.ts'

let server: FakeServer
beforeEach(() => void (server = createFakeServer()))
afterEach(() => void vi.useRealTimers())

/** Returns the URLs of the first poll and of the WebSocket. */
async function urlsOf(options: {
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

describe('createLiveClient: baseUrl', () => {
  it.each([
    ['an absolute URL', { baseUrl: 'https://stats.test/api' }, 'stats.test/api'],
    ['a URL with a trailing slash', { baseUrl: 'https://stats.test/api/' }, 'stats.test/api'],
    [
      'a URL with several trailing slashes',
      { baseUrl: 'https://stats.test/api///' },
      'stats.test/api',
    ],
    ['a URL with a port', { baseUrl: 'https://stats.test:8443/api' }, 'stats.test:8443/api'],
    ['a URL without a path', { baseUrl: 'https://stats.test' }, 'stats.test'],
    ['a URL in uppercase', { baseUrl: 'HTTPS://Stats.Test/Api' }, 'stats.test/Api'],
    [
      'a URL relative to the host of the page',
      { baseUrl: '/api', href: 'https://shop.test/dashboard/today?x=1#y' },
      'shop.test/api',
    ],
    [
      'a URL relative to the path of the page',
      { baseUrl: '../api/', href: 'https://shop.test/admin/dashboard/today' },
      'shop.test/admin/api',
    ],
    [
      'a URL without a scheme',
      { baseUrl: '//stats.test/api', href: 'https://shop.test/' },
      'stats.test/api',
    ],
    [
      'an absolute URL on a page of another host',
      { baseUrl: 'https://stats.test/api', href: 'http://shop.test/' },
      'stats.test/api',
    ],
  ])('polls and connects to %s', async (_, options, base) => {
    expect(await urlsOf(options)).toEqual([
      `https://${base}/sites/shop/realtime`,
      `wss://${base}/sites/shop/realtime/ws`,
    ])
  })

  it('uses ws with http', async () => {
    expect(await urlsOf({ baseUrl: '/http', href: 'http://localhost:4711/' })).toEqual([
      'http://localhost:4711/http/sites/shop/realtime',
      'ws://localhost:4711/http/sites/shop/realtime/ws',
    ])
  })

  it('throws for a relative URL outside a page', () => {
    expect(() =>
      createLiveClient({ baseUrl: '/api', siteId: 'shop', platform: server.platform }),
    ).toThrow(TypeError)
  })
})

describe('createLiveClient: siteId', () => {
  it.each([
    ['with dots and dashes', 'my-shop.example_2', 'my-shop.example_2'],
    ['with a slash', 'a/b', 'a%2Fb'],
    ['with `?` and `#`', 'a?b#c', 'a%3Fb%23c'],
    ['with a percent sign', '100%', '100%25'],
    ['with characters beyond ASCII', 'käse 🧀', 'k%C3%A4se%20%F0%9F%A7%80'],
  ])('encodes an ID %s as one path segment', async (_, siteId, part) => {
    expect(await urlsOf({ baseUrl: 'https://stats.test/api', siteId })).toEqual([
      `https://stats.test/api/sites/${part}/realtime`,
      `wss://stats.test/api/sites/${part}/realtime/ws`,
    ])
  })
})
