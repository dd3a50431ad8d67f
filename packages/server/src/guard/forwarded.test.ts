import { expect, it } from 'vitest'
import { createTrustedProxies } from './address.ts'
import { readHops } from './forwarded.ts'

const { addressOf } = createTrustedProxies(['10.0.0.0/8', '2001:db8:1::/48'])

// The first three are examples of RFC 7239, sections 4 and 7.4.
it.each([
  ['for=192.0.2.43, for="[2001:db8:cafe::17]"', '2001:db8:cafe::17'],
  ['for="_gazonk"', '10.0.0.1'],
  ['For="[2001:db8:cafe::17]:4711"', '2001:db8:cafe::17'],
  ['for=192.0.2.60;proto=http;by=203.0.113.43', '192.0.2.60'],
  ['proto=https; for=192.0.2.60:4711 ;host="a,b"', '192.0.2.60'],
  ['for=6.6.6.6, for=192.0.2.60, for=10.2.3.4', '192.0.2.60'],
  ['for=6.6.6.6, proto=https', '10.0.0.1'],
  ['for=6.6.6.6, for=unknown', '10.0.0.1'],
  ['for=6.6.6.6, by="x, for=192.0.2.60"', '10.0.0.1'],
  ['host="a;for=6.6.6.6"', '10.0.0.1'],
  ['for="192.0.2.60', '10.0.0.1'],
  ['', '10.0.0.1'],
])('Forwarded: %s names the client %s', (value, address) => {
  expect(addressOf('10.0.0.1', readHops('forwarded', value))).toBe(address)
})

it('readHops: reads other headers as lists of addresses', () => {
  expect(readHops('X-Real-IP', '192.0.2.1')).toEqual(['192.0.2.1'])
  expect(readHops('X-Forwarded-For', '192.0.2.1, 10.0.0.1')).toEqual(['192.0.2.1', ' 10.0.0.1'])
  expect(readHops('X-Forwarded-For', undefined)).toEqual([])
})
