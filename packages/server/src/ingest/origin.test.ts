import { describe, expect, it } from 'vitest'
import { otherHost } from '../rollup/event.ts'
import { type AddressOptions, createAddressRules, defaultAddressRules } from './address-rules.ts'
import { toOrigin } from './origin.ts'

function originOf(url: string | undefined, referrer: string | undefined, options?: AddressOptions) {
  const rules = options ? createAddressRules(options) : defaultAddressRules
  return toOrigin(rules, url === undefined ? undefined : rules.parse(url), referrer)
}
const shop = 'https://www.shop.example/a'

describe('toOrigin: source, channel and referring page', () => {
  it.each([
    [shop, 'https://www.google.com/', 'google.com', 'Search', 'google.com\nwww.google.com/'],
    [shop, 'https://t.co/abc?x=y', 'x.com', 'Social', 'x.com\nt.co/abc'],
    [shop, 'https://chatgpt.com/', 'chatgpt.com', 'AI', 'chatgpt.com\nchatgpt.com/'],
    [
      shop,
      'android-app://com.google.android.gm/',
      'mail.google.com',
      'Email',
      'mail.google.com\nandroid-app://com.google.android.gm',
    ],
    [
      shop,
      'https://news.example/a/b#c',
      'news.example',
      'Referral',
      'news.example\nnews.example/a/b',
    ],
    [shop, '', '(direct)', 'Direct', '(direct)\n(none)'],
    [shop, 'https://shop.example/b', undefined, 'Internal', undefined],
    [shop, 'nowhere', '(unknown)', undefined, '(unknown)\n(none)'],
    [shop, undefined, '(unknown)', undefined, '(unknown)\n(none)'],
    [undefined, 'https://news.example/', 'news.example', 'Referral', 'news.example\nnews.example/'],
    [`${shop}?utm_source=fb`, '', 'facebook.com', 'Social', 'facebook.com\n(none)'],
    [
      `${shop}?utm_source=fb`,
      'https://l.facebook.com/',
      'facebook.com',
      'Social',
      'facebook.com\nl.facebook.com/',
    ],
    [
      `${shop}?utm_source=news&utm_medium=email`,
      'https://mail.google.com/mail/u/0/',
      'news',
      'Email',
      'news\nmail.google.com/',
    ],
    [`${shop}?utm_source=a`, 'https://shop.example/b', 'a', 'Referral', 'a\n(none)'],
    [`${shop}?utm_source=ig&utm_medium=cpc`, '', 'instagram.com', 'Paid', 'instagram.com\n(none)'],
    [`${shop}?utm_source=google_ads`, '', 'google.com', 'Paid', 'google.com\n(none)'],
    [`${shop}?gclid=Cj0KCQ`, 'https://google.de/', 'google.com', 'Paid', 'google.com\ngoogle.de/'],
    [
      `${shop}?fbclid=IwAR`,
      'https://l.facebook.com/',
      'facebook.com',
      'Social',
      'facebook.com\nl.facebook.com/',
    ],
  ])('of %j from %j are %j, %j and %j', (url, referrer, source, channel, referringPage) => {
    expect(originOf(url, referrer)).toMatchObject({ source, channel, referringPage })
  })

  it('names the click identifier of an ad, without its value', () => {
    const origin = originOf(`${shop}?fbclid=a&gclid=SECRET&gclid=b`, '')
    expect(origin.clickId).toBe('gclid')
    expect(JSON.stringify(origin)).not.toContain('SECRET')
  })

  it('returns one object for equal origins of different pages', () => {
    const first = originOf(`${shop}/1`, 'https://news.example/')
    expect(originOf(`${shop}/2`, 'https://blog.example/')).not.toBe(first)
    expect(originOf(`${shop}/3`, 'https://news.example/')).toBe(first)
  })
})

describe('toOrigin: host name', () => {
  const hostNames = ['shop.example', '*.shop.example', 'bücher.example']
  it.each([
    ['https://www.shop.example/', undefined, 'shop.example'],
    ['https://localhost:3000/', undefined, 'localhost'],
    ['https://www.shop.example/', hostNames, 'shop.example'],
    ['https://blog.shop.example/', hostNames, 'blog.shop.example'],
    ['https://xn--bcher-kva.example/', hostNames, 'xn--bcher-kva.example'],
    // Copies: see plausible/analytics and umami-software/umami on hosts of previews, archives and translations.
    ['http://localhost:3000/', hostNames, otherHost],
    ['http://127.0.0.1/', hostNames, otherHost],
    ['https://shop-git-main.vercel.app/', hostNames, otherHost],
    ['https://deploy-preview-1--shop.netlify.app/', hostNames, otherHost],
    ['https://web.archive.org/web/2026/https://shop.example/', hostNames, otherHost],
    ['https://www-shop-example.translate.goog/', hostNames, otherHost],
    ['https://shop.example.evil.example/', hostNames, otherHost],
    ['https://notshop.example/', hostNames, otherHost],
  ])('of %s with %j is %s', (url, names, hostName) => {
    expect(originOf(url, '', names && { hostNames: names }).hostName).toBe(hostName)
  })

  it('counts links between the hosts of a site as internal', () => {
    const options = { hostNames }
    expect(originOf('https://shop.example/', 'https://blog.shop.example/', options)).toMatchObject({
      source: undefined,
      channel: 'Internal',
    })
    expect(originOf('https://shop.example/', 'https://blog.shop.example/').source).toBe(
      'blog.shop.example',
    )
  })

  it.each([
    ['https://shop.example', '"https://shop.example"'],
    ['shop.example:8443', '"shop.example:8443"'],
    ['*', '"*"'],
    ['', '""'],
    ['shop.example/a', '"shop.example/a"'],
  ])('refuses %j in hostNames', (name, shown) => {
    expect(() => createAddressRules({ hostNames: [name] })).toThrow(
      `hostNames: ${shown} is not a host name. Use a name without scheme and port`,
    )
  })
})
