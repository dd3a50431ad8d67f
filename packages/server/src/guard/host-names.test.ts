import { describe, expect, it } from 'vitest'
import { createHostNames } from './host-names.ts'

const isProxy = (address: string): boolean => address === '127.0.0.9'
const loopback = { localAddress: '127.0.0.1', localPort: 4711, remoteAddress: '127.0.0.1' }

describe('createHostNames with a list', () => {
  const hosts = createHostNames({ hostNames: ['Stats.example.com', '[0::1]', '10.0.0.1'], isProxy })

  it.each([
    'stats.example.com',
    'STATS.example.COM',
    'stats.example.com.',
    'stats.example.com:4711',
    'stats.example.com:443',
    'stats.example.com:',
    '[::1]:4711',
    '[0:0::1]',
    '10.0.0.1:80',
  ])('accepts %s', host => {
    expect(hosts.accepts(host, loopback)).toBe(true)
  })

  it.each([
    'evil.example',
    'evil.example:4711',
    'stats.example.com.evil.example',
    'evil.stats.example.com',
    'localhost:4711',
    '127.0.0.1:4711',
    '[::2]',
    '',
    ':4711',
    'stats.example.com:x',
    'stats.example.com@evil.example',
    'evil.example#stats.example.com',
    'evil.example/stats.example.com',
    'evil.example\\stats.example.com',
    'stats.example.com, evil.example',
    ' stats.example.com',
    'stats.example.com..',
    '[::1',
    '[::1]x',
    `${'a'.repeat(300)}.example`,
  ])('refuses %j', host => {
    expect(hosts.accepts(host, loopback)).toBe(false)
  })

  it.each([
    ['stats.example.com', "hostNames: 'stats.example.com' is not a list"],
    [[], 'hostNames: [] is not a list'],
    [['a.example', 'b.example:80'], "hostNames[1]: 'b.example:80' is not a host name."],
    [['b.example:'], "hostNames[0]: 'b.example:' is not a host name."],
    [['https://b.example'], "hostNames[0]: 'https://b.example' is not a host name."],
    [['*.example'], "hostNames[0]: '*.example' is not a host name."],
    [[7], 'hostNames[0]: 7 is not a host name.'],
    [[''], "hostNames[0]: '' is not a host name."],
  ])('rejects the option %j and names the field', (hostNames, message) => {
    const create = (): unknown => createHostNames({ hostNames: hostNames as string[], isProxy })
    expect(create).toThrow(TypeError)
    expect(create).toThrow(message)
  })
})

describe('createHostNames without a list', () => {
  const hosts = createHostNames({ isProxy })

  it('refuses a foreign name with the port of a loopback connection', () => {
    expect(hosts.accepts('evil.example:4711', loopback)).toBe(false)
    expect(hosts.accepts('evil.example', { ...loopback, localPort: 80 })).toBe(false)
    const mapped = { ...loopback, localAddress: '::ffff:127.0.0.1' }
    expect(hosts.accepts('evil.example:4711', mapped)).toBe(false)
    expect(hosts.accepts('evil.example:4711', { ...loopback, localAddress: '::1' })).toBe(false)
    expect(hosts.accepts('localhost.evil.example:4711', loopback)).toBe(false)
    expect(hosts.accepts('127.0.0.1.evil.example:4711', loopback)).toBe(false)
  })

  it.each([
    'localhost:4711',
    'LOCALHOST:4711',
    'localhost.:4711',
    'shop.localhost:4711',
    '127.0.0.1:4711',
    '127.1:4711',
    '[::1]:4711',
    '192.168.0.5:4711',
  ])('accepts %s on loopback, which no name server can redirect', host => {
    expect(hosts.accepts(host, loopback)).toBe(true)
  })

  it.each(['stats.example.com', 'stats.example.com:8443', 'tidemark'])(
    'accepts %s on loopback, as a proxy on this machine passes it',
    host => {
      expect(hosts.accepts(host, loopback)).toBe(true)
    },
  )

  it('accepts every name from a trusted proxy, and on an address that is not loopback', () => {
    const host = 'stats.example.com:4711'
    expect(hosts.accepts(host, { ...loopback, remoteAddress: '127.0.0.9' })).toBe(true)
    expect(hosts.accepts(host, { ...loopback, localAddress: '192.168.0.5' })).toBe(true)
    expect(hosts.accepts(host)).toBe(true)
    expect(hosts.accepts(host, {})).toBe(true)
  })

  it('refuses what is not a host, except a missing one', () => {
    expect(hosts.accepts('', loopback)).toBe(true)
    expect(hosts.accepts('evil.example@localhost', loopback)).toBe(false)
  })
})
