import { expect, it } from 'vitest'
import { parseSettings } from './settings.ts'

const src = 'https://stats.example/tidemark.js'

it.each([
  ['https://stats.example/tidemark.js', 'https://stats.example/api'],
  ['https://stats.example/tidemark.js?v=2#x', 'https://stats.example/api'],
  ['http://localhost:4000/tidemark.0.1.0.js', 'http://localhost:4000/api'],
  ['https://shop.example/stats/api/tidemark.js', 'https://shop.example/stats/api'],
  ['https://shop.example/api/tidemark.js', 'https://shop.example/api'],
])('parseSettings: uses the API beside the script: %s', (from, baseUrl) => {
  expect(parseSettings({ site: 's' }, from)).toMatchObject({ siteId: 's', baseUrl })
})

it('parseSettings: uses `data-api`', () => {
  expect(parseSettings({ site: 's', api: '/stats' }, src)).toMatchObject({ baseUrl: '/stats' })
  expect(parseSettings({ site: 's', api: '/stats' }, '')).toMatchObject({ baseUrl: '/stats' })
})

it('parseSettings: returns undefined without a site or a URL', () => {
  expect(parseSettings({}, src)).toBeUndefined()
  expect(parseSettings({ site: '' }, src)).toBeUndefined()
  expect(parseSettings({ site: 's' }, '')).toBeUndefined()
})

it('parseSettings: treats a present attribute as true, unless its value is `false`', () => {
  const parse = (text?: string): unknown[] => {
    const data = { hash: text, pageViews: text, respectDoNotTrack: text, debug: text }
    const { hash, pageViews, respectDoNotTrack, debug } =
      parseSettings({ site: 's', ...data }, src) ?? {}
    return [hash, pageViews, respectDoNotTrack, debug]
  }
  expect(parse()).toEqual([false, true, false, false])
  for (const text of ['', 'true', '1', 'hash'])
    expect(parse(text)).toEqual([true, true, true, true])
  expect(parse('false')).toEqual([false, false, false, false])
})

it('parseSettings: parses numbers and ignores invalid ones', () => {
  const parse = (heartbeatIntervalMs: string): unknown =>
    parseSettings({ site: 's', heartbeatIntervalMs }, src)?.heartbeatIntervalMs
  expect(parse('15000')).toBe(15_000)
  expect(parse('0')).toBe(0)
  for (const text of ['', 'often', '-1']) expect(parse(text)).toBeUndefined()
})
