import { describe, expect, it } from 'vitest'
import { createConnectionLimiter } from './connection-limiter.ts'

const idle = { disconnect: () => {}, recheck: () => Promise.resolve() }
const limits = { maxPerSite: 3, maxPerAddress: 2 }

/** Opens connections until there is no room, at most ten. Returns their number. */
function fill(owners: readonly { site: string; address: string }[]): number[] {
  const limiter = createConnectionLimiter(limits)
  return owners.map(owner => {
    let opened = 0
    while (opened < 10 && limiter.hasRoom(owner)) {
      limiter.add('sse', owner, idle)
      opened++
    }
    return opened
  })
}

describe('ConnectionLimiter', () => {
  it('limits the connections to each site', () => {
    const shop = { site: 'shop', address: '' }
    expect(fill([shop, { site: 'blog', address: '' }])).toEqual([3, 3])
  })

  it('limits the connections of one address over all sites', () => {
    const address = '198.51.100.7'
    const others = { site: 'news', address: '198.51.100.8' }
    expect(fill([{ site: 'shop', address }, { site: 'blog', address }, others])).toEqual([2, 0, 2])
  })

  it.each([
    ['2001:db8:1:2::5', '2001:db8:1:2:ffff::9'],
    ['2001:db8::5', '2001:db8:0:0:1::'],
    ['2001:DB8:0001:0002::1', '2001:db8:1:2::2'],
    ['fe80::1%eth0', 'fe80::2'],
  ])('counts %s and %s as one network', (address, other) => {
    expect(
      fill([
        { site: 'shop', address },
        { site: 'blog', address: other },
      ]),
    ).toEqual([2, 0])
  })

  it('counts two IPv6 networks separately', () => {
    const owners = ['2001:db8:1:2::5', '2001:db8:1:3::5'].map(address => ({
      site: address,
      address,
    }))
    expect(fill(owners)).toEqual([2, 2])
  })

  it.each(['127.0.0.1', '127.8.9.1', '::1', ''])('does not limit the address %j', address => {
    expect(
      fill([
        { site: 'shop', address },
        { site: 'blog', address },
      ]),
    ).toEqual([3, 3])
  })

  it('makes room when a connection is released, once', () => {
    const limiter = createConnectionLimiter(limits)
    const owner = { site: 'shop', address: '198.51.100.7' }
    const release = limiter.add('sse', owner, idle)
    limiter.add('websocket', owner, idle)
    expect(limiter.hasRoom(owner)).toBe(false)
    release()
    release()
    expect(limiter.hasRoom(owner)).toBe(true)
    expect([limiter.count('sse'), limiter.count('websocket')]).toEqual([0, 1])

    limiter.add('long-poll', owner, idle)
    expect(limiter.hasRoom(owner)).toBe(false)
  })

  it('disconnects every reader with its own delay, also while readers leave', () => {
    const limiter = createConnectionLimiter(limits)
    const calls: number[][] = []
    for (const site of ['shop', 'blog']) {
      const release = limiter.add(
        'sse',
        { site, address: '' },
        {
          ...idle,
          disconnect(code, retryMs) {
            calls.push([code, retryMs])
            release()
          },
        },
      )
    }
    let retryMs = 0
    limiter.disconnectAll(4503, () => ++retryMs)
    expect(calls).toEqual([
      [4503, 1],
      [4503, 2],
    ])
    expect(limiter.count('sse')).toBe(0)
  })
})
