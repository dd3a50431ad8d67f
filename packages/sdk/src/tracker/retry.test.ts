import { expect, it } from 'vitest'
import { worldBegan } from './testing/fake-world.ts'
import { maxRetryAfterMs, retryMaxMs } from './limits.ts'
import { parseRetryAfter, toRetryDelayMs } from './retry.ts'

it('spreads each retry over the whole of a time that doubles, up to a bound', () => {
  expect([1, 2, 3, 4].map(failures => toRetryDelayMs(failures, 0, 0.5))).toEqual([
    500, 1000, 2000, 4000,
  ])
  expect(toRetryDelayMs(1, 0, 0)).toBe(0)
  expect(toRetryDelayMs(10_000, 0, 0.5)).toBe(retryMaxMs / 2)
})

it('never comes back before the server allows it', () => {
  expect(toRetryDelayMs(1, 5000, 0)).toBe(5000)
  expect(toRetryDelayMs(1, 5000, 0.5)).toBe(5500)
})

it('reads Retry-After as seconds or as a date', () => {
  expect(parseRetryAfter('7', worldBegan)).toBe(7000)
  expect(parseRetryAfter(new Date(worldBegan + 9000).toUTCString(), worldBegan)).toBe(9000)
})

it('takes a Retry-After that is missing, broken or in the past as none', () => {
  for (const header of [null, '', 'soon', '-5', '0', 'Thu, 01 Jan 1970 00:00:00 GMT', 'NaN']) {
    expect(parseRetryAfter(header, worldBegan)).toBe(0)
  }
})

it('does not let a server ask for more than an hour', () => {
  for (const header of ['1e300', 'Infinity', '99999999999', 'Fri, 31 Dec 9999 23:59:59 GMT']) {
    expect(parseRetryAfter(header, worldBegan)).toBe(maxRetryAfterMs)
  }
})
