import { describe, expect, it } from 'vitest'
import { createTrustedProxies } from './address.ts'

const { addressOf, isTrusted } = createTrustedProxies([
  '10.0.0.0/8',
  '192.0.2.7',
  '2001:db8:1::/48',
  '::1',
])
const proxy = '10.1.2.3'

describe('a request from a socket that is no proxy', () => {
  it.each([undefined, '', '198.51.100.1', '198.51.100.1, 10.0.0.1', '::1', 'garbage'])(
    'comes from there, also with X-Forwarded-For: %j',
    forwardedFor => {
      expect(addressOf('203.0.113.9', forwardedFor)).toBe('203.0.113.9')
      expect(addressOf('2001:db8:2::9', forwardedFor)).toBe('2001:db8:2::9')
    },
  )

  it('comes from the same address whether the socket speaks IPv6 or not', () => {
    expect(addressOf('::ffff:203.0.113.9', undefined)).toBe('203.0.113.9')
  })

  it('comes from there where no proxy is trusted', () => {
    expect(createTrustedProxies([]).addressOf('127.0.0.1', '198.51.100.1')).toBe('127.0.0.1')
  })

  it('may come from nowhere, when there is no socket', () => {
    expect(addressOf('', '198.51.100.1')).toBe('')
  })
})

describe('a request from a trusted proxy', () => {
  it.each([
    ['198.51.100.1', '198.51.100.1'],
    [' 198.51.100.1 ', '198.51.100.1'],
    ['6.6.6.6, 198.51.100.1', '198.51.100.1'],
    ['6.6.6.6, 198.51.100.1, 10.9.9.9, 192.0.2.7', '198.51.100.1'],
    ['6.6.6.6,198.51.100.1,2001:db8:1::5', '198.51.100.1'],
    ['2001:db8:2::1', '2001:db8:2::1'],
    ['::ffff:198.51.100.1', '198.51.100.1'],
    ['198.51.100.1, ::ffff:10.0.0.2', '198.51.100.1'],
    ['10.0.0.1, 10.0.0.2', '10.0.0.1'],
  ])('with X-Forwarded-For: %s comes from %s', (forwardedFor, address) => {
    expect(addressOf(proxy, forwardedFor)).toBe(address)
    expect(addressOf(`::ffff:${proxy}`, forwardedFor)).toBe(address)
    expect(addressOf('2001:db8:1::2', forwardedFor)).toBe(address)
  })

  it.each([
    [undefined, proxy],
    ['', proxy],
    [',', proxy],
    ['unknown', proxy],
    ['6.6.6.6, unknown', proxy],
    ['6.6.6.6, 198.51.100.1:4711', proxy],
    ['6.6.6.6, ', proxy],
    ['6.6.6.6, 999.1.1.1', proxy],
    ['6.6.6.6, 198.51.100.1\r\nX: 1', proxy],
    ['6.6.6.6, _hidden, 10.0.0.2', '10.0.0.2'],
  ])(
    'with X-Forwarded-For: %j, which ends in no address, believes nothing before it',
    (forwardedFor, address) => {
      expect(addressOf(proxy, forwardedFor)).toBe(address)
    },
  )
})

describe('the list of proxies', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['192.0.2.0/31', '192.0.2.1', true],
    ['192.0.2.0/31', '192.0.2.2', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['::1', '::1', true],
  ])('with %s in it has %s: %s', (block, address, isInBlock) => {
    const found = createTrustedProxies([block]).addressOf(address, '198.51.100.1')
    expect(found).toBe(isInBlock ? '198.51.100.1' : address)
  })

  it.each([
    '',
    'localhost',
    '10.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.0/0x8',
    '2001:db8::/129',
    '2001:db8::/x',
    ' 10.0.0.1',
  ])('is refused with %j in it', entry => {
    expect(() => createTrustedProxies([entry])).toThrow(TypeError)
  })
})

describe('headers', () => {
  it('tell of a country where they come from a trusted proxy, whatever is before that', () => {
    expect([proxy, `::ffff:${proxy}`, '2001:db8:1::2'].map(isTrusted)).toEqual([true, true, true])
    expect(['203.0.113.9', '2001:db8:2::9', '', 'garbage'].map(isTrusted)).toEqual(
      Array<boolean>(4).fill(false),
    )
  })

  it('are believed of all where no proxy is known', () => {
    expect(['203.0.113.9', ''].map(createTrustedProxies([]).isTrusted)).toEqual([true, true])
  })
})
