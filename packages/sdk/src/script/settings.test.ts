import { describe, expect, it, vi } from 'vitest'
import { parseSettings } from './settings.ts'

const src = 'https://stats.example/tidemark.js'

describe('Settings: URL of the API', () => {
  it.each([
    ['https://stats.example/tidemark.js', 'https://stats.example/api'],
    ['https://stats.example/tidemark.js?v=2#x', 'https://stats.example/api'],
    ['http://localhost:4000/tidemark.0.1.0.js', 'http://localhost:4000/api'],
    ['https://shop.example/stats/api/tidemark.js', 'https://shop.example/stats/api'],
    ['https://shop.example/api/tidemark.js', 'https://shop.example/api'],
  ])('is beside the script: %s', (from, baseUrl) => {
    expect(parseSettings({ site: 's' }, from)).toMatchObject({ siteId: 's', baseUrl })
  })

  it('is that of `data-api`', () => {
    expect(parseSettings({ site: 's', api: '/stats' }, src)).toMatchObject({ baseUrl: '/stats' })
    expect(parseSettings({ site: 's', api: '/stats' }, '')).toMatchObject({ baseUrl: '/stats' })
  })

  it('and a site are required', () => {
    expect(parseSettings({}, src)).toBeUndefined()
    expect(parseSettings({ site: '' }, src)).toBeUndefined()
    expect(parseSettings({ site: 's' }, '')).toBeUndefined()
  })
})

describe('Settings: attributes', () => {
  it('are true if they are present and not `false`', () => {
    const parse = (text: string | undefined): unknown => {
      const data = { site: 's', hash: text, pageViews: text, persist: text }
      const { hash, pageViews, persist } = parseSettings(data, src) ?? {}
      return [hash, pageViews, persist]
    }
    expect(parse('')).toEqual([true, true, true])
    expect(parse('true')).toEqual(['true', 'true', 'true'])
    expect(parse('false')).toEqual([false, false, false])
  })

  it('write messages to the console with `data-debug`', () => {
    const write = vi.spyOn(console, 'debug').mockReturnValue(undefined)
    const parse = (data: object) => parseSettings({ site: 's', ...data }, src)?.debug
    expect([parse({}), parse({ debug: 'false' })]).toEqual([undefined, undefined])
    parse({ debug: '' })?.('accepted', 202)
    expect(write.mock.calls).toEqual([['[tidemark]', 'accepted', 202]])
    write.mockRestore()
  })

  it('have no value if they are absent, so that the defaults of the tracker apply', () => {
    const { pageViews, hash, persist, heartbeatIntervalMs } =
      parseSettings({ site: 's' }, src) ?? {}
    expect([pageViews, hash, persist, heartbeatIntervalMs]).toEqual([
      ...[undefined, undefined, undefined, undefined],
    ])
  })

  it('are those of the tag, not properties that the page adds to all objects', () => {
    Object.assign(Object.prototype, { extra: 'true', persist: true })
    try {
      const { extra, persist } = parseSettings({ site: 's' }, src) ?? {}
      expect([extra, persist]).toEqual([undefined, undefined])
    } finally {
      Reflect.deleteProperty(Object.prototype, 'extra')
      Reflect.deleteProperty(Object.prototype, 'persist')
    }
  })

  it('keep other texts', () => {
    expect(
      parseSettings({ site: 's', visitorId: 'v', privacyControl: 'off', siteSearch: 'q,s' }, src),
    ).toMatchObject({ visitorId: 'v', privacyControl: 'off', siteSearch: 'q,s' })
  })
})
