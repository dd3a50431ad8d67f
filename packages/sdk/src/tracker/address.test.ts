import { expect, it } from 'vitest'
import { toAddress, toEventsUrl } from './address.ts'
import { createFakeWorld } from './testing/fake-world.ts'

const page = 'https://shop.example/a/b?q=1#top'

/** The address of a URL on a page. */
function addressOf(text: string, hash = false): string | undefined {
  const { document } = createFakeWorld({ url: page }).tab.host
  return document && toAddress(document, hash, text)
}

it('Address: is absolute, with the query and without the fragment', () => {
  expect(addressOf(page)).toBe('https://shop.example/a/b?q=1')
  expect(addressOf('../c')).toBe('https://shop.example/c')
  expect(addressOf('/d?x')).toBe('https://shop.example/d?x')
})

it('Address: has the fragment with `hash`', () => {
  expect(addressOf('#/cart', true)).toBe('https://shop.example/a/b?q=1#/cart')
})

it('Address: has no credentials', () => {
  expect(addressOf('https://user:secret@shop.example/')).toBe('https://shop.example/')
})

it('Address: does not exist for a URL that is not http or https, or is invalid', () => {
  const urls = [
    'file:///home/me/x.html',
    'about:srcdoc',
    'javascript:alert(1)',
    'data:,x',
    'https://[',
  ]
  for (const url of urls) expect(addressOf(url)).toBeUndefined()
})

it('Address: is that of the page by default', () => {
  expect(addressOf('')).toBe('https://shop.example/a/b?q=1')
})

it.each([
  ['https://stats.example/api/', 'https://stats.example/api'],
  ['/api', 'https://shop.example/api'],
  ['/', 'https://shop.example'],
  ['//stats.example/api', '//stats.example/api'],
  ['stats/api', 'stats/api'],
])('URL of the events: %s', (baseUrl, url) => {
  const { location } = createFakeWorld({ url: page }).tab.host
  expect(toEventsUrl('my site', baseUrl, location)).toBe(`${url}/sites/my%20site/events`)
})
