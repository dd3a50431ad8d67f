import { describe, expect, it } from 'vitest'
import { createTrustedProxies } from './address.ts'
import { readHops } from './forwarded.ts'

const { addressOf: addressOfHops, isTrusted } = createTrustedProxies([
  '10.0.0.0/8',
  '192.0.2.7',
  '2001:db8:1::/48',
  '::1',
])
const proxy = '10.1.2.3'

const toHops = (forwardedFor: string | undefined): string[] =>
  readHops('X-Forwarded-For', forwardedFor)

const addressOf = (peerAddress: string, forwardedFor: string | undefined): string =>
  addressOfHops(peerAddress, toHops(forwardedFor))

describe('Client address: direct connection', () => {
  it.each([undefined, '', '198.51.100.1', '198.51.100.1, 10.0.0.1', '::1', 'garbage'])(
    'is that of the socket, despite X-Forwarded-For: %j',
    forwardedFor => {
      expect(addressOf('203.0.113.9', forwardedFor)).toBe('203.0.113.9')
      expect(addressOf('2001:db8:2::9', forwardedFor)).toBe('2001:db8:2::9')
    },
  )

  it('is the same for an IPv4 and a dual-stack socket', () => {
    expect(addressOf('::ffff:203.0.113.9', undefined)).toBe('203.0.113.9')
  })

  it('is that of the socket when no proxy is trusted', () => {
    expect(createTrustedProxies([]).addressOf('127.0.0.1', ['198.51.100.1'])).toBe('127.0.0.1')
  })

  it('is empty without a socket', () => {
    expect(addressOf('', '198.51.100.1')).toBe('')
  })
})

describe('Client address: trusted proxy', () => {
  it.each([
    ['198.51.100.1', '198.51.100.1'],
    [' 198.51.100.1 ', '198.51.100.1'],
    ['6.6.6.6, 198.51.100.1', '198.51.100.1'],
    ['6.6.6.6, 198.51.100.1, 10.9.9.9, 192.0.2.7', '198.51.100.1'],
    ['6.6.6.6,198.51.100.1,2001:db8:1::5', '198.51.100.1'],
    ['2001:db8:2::1', '2001:db8:2::1'],
    ['::ffff:198.51.100.1', '198.51.100.1'],
    ['6.6.6.6, 198.51.100.1:4711', '198.51.100.1'],
    ['[2001:DB8:2::1]:443', '2001:db8:2::1'],
    ['198.51.100.1, [2001:db8:1::5]:80', '198.51.100.1'],
    ['198.51.100.1, ::ffff:10.0.0.2', '198.51.100.1'],
    ['10.0.0.1, 10.0.0.2', '10.0.0.1'],
  ])('with X-Forwarded-For %s is %s', (forwardedFor, address) => {
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
    ['6.6.6.6, ', proxy],
    ['6.6.6.6, 999.1.1.1', proxy],
    ['6.6.6.6, 198.51.100.1\r\nX: 1', proxy],
    ['6.6.6.6, _hidden, 10.0.0.2', '10.0.0.2'],
  ])('with X-Forwarded-For %j stops at the invalid address', (forwardedFor, address) => {
    expect(addressOf(proxy, forwardedFor)).toBe(address)
  })
})

describe('Trusted proxies: the option', () => {
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
  ])('the block %s contains %s: %s', (block, address, isInBlock) => {
    const found = createTrustedProxies([block]).addressOf(address, ['198.51.100.1'])
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
  ])('rejects %j', entry => {
    expect(() => createTrustedProxies([entry])).toThrow(TypeError)
  })
})

describe('Trusted proxies: other headers', () => {
  it('are trusted when the peer is a trusted proxy', () => {
    expect([proxy, `::ffff:${proxy}`, '2001:db8:1::2'].map(isTrusted)).toEqual([true, true, true])
    expect(['203.0.113.9', '2001:db8:2::9', '', 'garbage'].map(isTrusted)).toEqual(
      Array<boolean>(4).fill(false),
    )
  })

  it('are trusted from every peer when no proxy is configured', () => {
    expect(['203.0.113.9', ''].map(createTrustedProxies([]).isTrusted)).toEqual([true, true])
  })
})
