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
])('toSourceHost: combines the hosts of %s', (host, hosts) => {
  expect(hosts.map(toSourceHost)).toEqual(hosts.map(() => host))
})

it.each([
  'news.example',
  // Separate services of the same owner.
  'mail.google.com',
  'news.google.com',
  'google.org',
  'business.facebook.com',
  'yahoo.com',
  // Hosts of others with a similar name.
  'google.de.example',
  'notgoogle.de',
  'google.example',
  'l.facebook.com.example',
  'en.wikipedia.org.example',
  'xlinkedin.com',
  'business.linkedin.com',
  'constructor',
  '',
])('toSourceHost: returns %j unchanged', host => {
  expect(toSourceHost(host)).toBe(host)
})

it('toSourceHost: is idempotent', () => {
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

it('toSourceHost: handles slow hosts in linear time', () => {
  const host = 'google.com.'.repeat(700)
  const before = performance.now()
  expect(toSourceHost(host)).toBe(host)
  expect(performance.now() - before).toBeLessThan(5)
})
