import { describe, expect, it } from 'vitest'
import { createOrigins, isSameHost } from './origins.ts'

const url = 'http://stats.example/api/sites/shop/realtime'

describe('Origins: isAllowed', () => {
  const origins = createOrigins(['https://dash.example', 'http://127.0.0.1:8080'])

  it.each([
    'https://dash.example',
    'http://127.0.0.1:8080',
    'http://stats.example',
    // Behind a proxy that terminates TLS.
    'https://stats.example',
  ])('allows listed origins and the server’s own: %s', origin => {
    expect(origins.isAllowed(origin, url)).toBe(true)
  })

  it.each([
    '',
    'null',
    '*',
    'https://evil.example',
    'http://dash.example',
    'https://dash.example.evil.example',
    'https://evil-dash.example',
    'https://sub.dash.example',
    'https://dash.example:8443',
    'https://dash.example/',
    'https://DASH.example',
    'https://dash.example, https://evil.example',
    'https://stats.example:8443',
    'https://stats.example/',
    'https://stats.example@evil.example',
    'chrome-extension://stats.example',
    'dash.example',
    'stats.example',
  ])('refuses all others: %j', origin => {
    expect(origins.isAllowed(origin, url)).toBe(false)
  })

  it('compares the port of the server’s own origin', () => {
    const at = 'http://127.0.0.1:4711/api'
    expect(isSameHost('http://127.0.0.1:4711', at)).toBe(true)
    expect(isSameHost('http://127.0.0.1:4712', at)).toBe(false)
    expect(isSameHost('http://127.0.0.1', at)).toBe(false)
    expect(isSameHost('http://localhost:4711', at)).toBe(false)
  })
})

describe('Origins: the option', () => {
  it('may be empty: then only the server’s own pages may read', () => {
    expect(createOrigins([]).isAllowed('https://stats.example', url)).toBe(true)
    expect(createOrigins([]).isAllowed('https://dash.example', url)).toBe(false)
  })

  it.each([
    '',
    '*',
    'null',
    'dash.example',
    'https://dash.example/',
    'https://dash.example/path',
    'https://DASH.example',
    'https://dash.example:443',
    'https://*.example',
    'https://user@dash.example',
    'file:///',
    'ws://dash.example',
    'https://dash.example\n',
  ])('rejects a text that no browser sends as an origin: %j', origin => {
    expect(() => createOrigins([origin])).toThrow(TypeError)
  })
})
