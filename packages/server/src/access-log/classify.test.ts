import { describe, expect, it } from 'vitest'
import { type RequestKind, classifyRequest, isPageTarget, splitTarget } from './classify.ts'
import type { LogEntry } from './format/entry.ts'

function entry(status: number, method: string | undefined, target: string): LogEntry {
  const request = method === undefined ? undefined : { method, target, protocol: 'HTTP/1.1' }
  return {
    ...{ client: '192.0.2.7', siteHost: undefined, hasReferrer: false, at: 0, request, status },
    ...{ bytes: undefined, referrer: undefined, userAgent: undefined },
  }
}

describe('classifyRequest', () => {
  it.each<[RequestKind, number, string | undefined, string]>([
    ['page_view', 200, 'GET', '/'],
    ['page_view', 203, 'GET', '/about'],
    ['page_view', 304, 'GET', '/about'],
    ['asset', 200, 'GET', '/a.png'],
    ['asset', 304, 'GET', '/a.png'],
    ['asset', 204, 'GET', '/'],
    ['asset', 205, 'GET', '/'],
    ['asset', 206, 'GET', '/'],
    ['asset', 101, 'GET', '/socket'],
    ['redirect', 301, 'GET', '/'],
    ['redirect', 302, 'GET', '/a.png'],
    ['failed', 404, 'GET', '/'],
    ['failed', 500, 'POST', '/'],
    ['failed', 0, 'GET', '/'],
    ['failed', 200, undefined, ''],
    ['failed', 408, undefined, ''],
    ['other_method', 200, 'HEAD', '/'],
    ['other_method', 302, 'POST', '/'],
    ['other_method', 200, 'get', '/'],
    ['other_method', 200, 'OPTIONS', '*'],
  ])('returns %s for status %i, method %s, target %s', (kind, status, method, target) => {
    expect(classifyRequest(entry(status, method, target))).toBe(kind)
  })
})

describe('isPageTarget', () => {
  it.each([
    '/',
    '',
    '/blog/tags/X11',
    '/blog/index.html',
    '/INDEX.HTM',
    '/a.php?img=x.png',
    '/page.jsp;jsessionid=1A2B.node1',
    '/files/',
    '/archive.zip/',
    '/docs/v1.2',
    '/projects/xdotool-2.20110530',
    '/blog?tag=rss',
    '/?q=feed',
    '/.hidden/page',
    'http://h.example/page',
    'http://h.example.com',
  ])('accepts %j as a page', target => {
    expect(isPageTarget(target)).toBe(true)
  })

  it.each([
    '/robots.txt',
    '/favicon.ico',
    '/sitemap.xml',
    '/site.webmanifest',
    '/style.css?v=2',
    '/STYLE.CSS',
    '/app.js;v=1',
    '/app.js.map#x',
    '/file.tar.gz',
    '/.env',
    '/.well-known/openid-configuration',
    '/feed',
    '/blog/Feed/',
    '/rss',
    '/?flav=rss20',
    '/blog/tags/puppet?flav=rss20',
    '/?flavour=atom',
    '/?a=b&feed=atom',
    '/?format=feed&type=rss',
    '/xmlrpc.php',
    'http://h.example/a.png',
  ])('rejects %j', target => {
    expect(isPageTarget(target)).toBe(false)
  })
})

describe('splitTarget', () => {
  it.each([
    ['/a/b?c=d?e#f', '/a/b', 'c=d?e'],
    ['http://h.example:80/a?b', '/a', 'b'],
    ['http://h.example?b', '/', 'b'],
    ['https://h.example', '/', ''],
    ['//h.example/a', '//h.example/a', ''],
  ])('splits %j into path and query', (target, path, query) => {
    expect(splitTarget(target)).toEqual({ path, query })
  })
})
