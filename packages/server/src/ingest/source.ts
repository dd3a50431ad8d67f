/**
 * Other hosts of the same service: for outgoing links, for phones, or for countries. Only hosts that people see as one
 * service are combined; mail.google.com and news.google.com differ from the search. The main host is a real one, so
 * a browser can open every listed source.
 */
const aliases: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'baidu.com': ['m.baidu.com'],
    'bing.com': ['cn.bing.com'],
    'duckduckgo.com': ['html.duckduckgo.com', 'lite.duckduckgo.com', 'r.duckduckgo.com'],
    'facebook.com': [
      'l.facebook.com',
      'lm.facebook.com',
      'm.facebook.com',
      'mobile.facebook.com',
      'touch.facebook.com',
      'web.facebook.com',
    ],
    'instagram.com': ['l.instagram.com'],
    'linkedin.com': ['lnkd.in'],
    'reddit.com': [
      'amp.reddit.com',
      'm.reddit.com',
      'new.reddit.com',
      'old.reddit.com',
      'out.reddit.com',
    ],
    'threads.com': ['l.threads.com', 'l.threads.net', 'threads.net'],
    'vk.com': ['away.vk.com', 'm.vk.com'],
    'x.com': ['mobile.twitter.com', 'mobile.x.com', 't.co', 'twitter.com'],
    'yandex.com': ['ya.ru'],
    'youtube.com': ['m.youtube.com', 'youtu.be'],
  }).flatMap(([host, others]) => others.map(other => [other, host] as const)),
)

/** Services with a host for each country or language. */
const hostFamilies: readonly (readonly [string, RegExp])[] = [
  ['google.com', /^google\.(?:(?:com?\.)?[a-z]{2}|cat)$/],
  ['linkedin.com', /^[a-z]{2}\.linkedin\.com$/],
  ['pinterest.com', /^(?:[a-z]{2}\.pinterest\.com|pinterest\.(?:com?\.)?[a-z]{2})$/],
  ['search.yahoo.com', /^[a-z]{1,2}\.search\.yahoo\.com$/],
  ['wikipedia.org', /^[a-z-]{2,12}\.(?:m\.)?wikipedia\.org$/],
  ['yandex.com', /^yandex\.(?:com?\.)?[a-z]{2}$/],
]

/** Returns the source of a referrer's host without `www.`: the main host of its service, or the host itself. */
export function toSourceHost(host: string): string {
  const alias = aliases.get(host)
  if (alias !== undefined) return alias
  return hostFamilies.find(([, pattern]) => pattern.test(host))?.[0] ?? host
}
