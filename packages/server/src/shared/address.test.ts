import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAddress } from './address.ts'

describe('parseAddress', () => {
  // Ports: RFC 7239, section 6, and headers of Azure Application Gateway and IIS. Notations: RFC 4291 and RFC 5952.
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    [' 192.0.2.1 ', '192.0.2.1'],
    ['192.0.2.1:4711', '192.0.2.1'],
    ['"192.0.2.1:4711"', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['"[2001:db8:cafe::17]:4711"', '2001:db8:cafe::17'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%25eth0]:80', 'fe80::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['[::ffff:192.0.2.1]:80', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
    ['::1', '::1'],
    ['::', '::'],
  ])('reads %s as %s', (text, address) => {
    expect(parseAddress(text)).toBe(address)
  })

  it.each([
    ...['', '-', 'unknown', '_hidden', '"_gazonk"', 'localhost', 'example.com:80', '192.0.2'],
    ...['999.0.2.1', '192.0.2.1:', '192.0.2.1:123456', '192.0.2.1:a', '[192.0.2.1]', '[]', '[::1'],
    ...[
      '2001:db8::g',
      '1:2:3:4:5:6:7:8:9',
      '192.0.2.1, 192.0.2.2',
      '192.0.2.1\r\nX: 1',
      '010.0.0.1',
    ],
  ])('reads %j as no address', text => {
    expect(parseAddress(text)).toBeUndefined()
  })

  it('gives all notations of an IPv6 address the same text, which it reads again', () => {
    const notations = fc.ipV6().chain(address => {
      const changed = [address, address.toUpperCase(), `[${address}]`, `[${address}]:8443`]
      return fc.tuple(fc.constant(address), fc.constantFrom(...changed))
    })
    fc.assert(
      fc.property(notations, ([address, notation]) => {
        const parsed = parseAddress(address)
        expect(parsed).toBeDefined()
        expect(parseAddress(notation)).toBe(parsed)
        expect(parseAddress(parsed ?? '')).toBe(parsed)
      }),
    )
  })
})
