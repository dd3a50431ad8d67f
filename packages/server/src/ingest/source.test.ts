import { expect, it } from 'vitest'
import { toSourceHost } from './source.ts'

it.each([
  ['google.com', ['google.com', 'google.de', 'google.co.uk', 'google.com.br', 'google.cat']],
  ['bing.com', ['bing.com', 'cn.bing.com']],
  ['duckduckgo.com', ['duckduckgo.com', 'r.duckduckgo.com']],
  ['yandex.com', ['yandex.com', 'yandex.ru', 'yandex.com.tr', 'ya.ru']],
  ['search.yahoo.com', ['search.yahoo.com', 'r.search.yahoo.com', 'de.search.yahoo.com']],
  ['facebook.com', ['facebook.com', 'l.facebook.com', 'lm.facebook.com', 'm.facebook.com']],
  ['instagram.com', ['instagram.com', 'l.instagram.com']],
  ['x.com', ['x.com', 't.co', 'twitter.com', 'mobile.twitter.com']],
  ['reddit.com', ['reddit.com', 'old.reddit.com', 'out.reddit.com']],
  ['linkedin.com', ['linkedin.com', 'lnkd.in', 'de.linkedin.com']],
  ['youtube.com', ['youtube.com', 'm.youtube.com', 'youtu.be']],
  ['pinterest.com', ['pinterest.com', 'pinterest.de', 'pinterest.co.uk', 'de.pinterest.com']],
  ['wikipedia.org', ['wikipedia.org', 'en.wikipedia.org', 'de.m.wikipedia.org']],
])('counts the hosts of %s as one', (host, hosts) => {
  expect(hosts.map(toSourceHost)).toEqual(hosts.map(() => host))
})

it.each([
  'news.example',
  // Other things of the same owner are read on their own.
  'mail.google.com',
  'news.google.com',
  'google.org',
  'business.facebook.com',
  'yahoo.com',
  // Somebody else's.
  'google.de.example',
  'notgoogle.de',
  'google.example',
  'l.facebook.com.example',
  'en.wikipedia.org.example',
  'xlinkedin.com',
  'business.linkedin.com',
  'constructor',
  '',
])('leaves %j as it is', host => {
  expect(toSourceHost(host)).toBe(host)
})

it('finds one host for each, which stands for itself', () => {
  for (const host of [
    'm.facebook.com',
    'google.de',
    'ya.ru',
    'old.reddit.com',
    'lnkd.in',
    't.co',
  ]) {
    expect(toSourceHost(toSourceHost(host))).toBe(toSourceHost(host))
  }
})

it('is as fast for a host that is made to be slow', () => {
  const host = 'google.com.'.repeat(700)
  const before = performance.now()
  expect(toSourceHost(host)).toBe(host)
  expect(performance.now() - before).toBeLessThan(5)
})
