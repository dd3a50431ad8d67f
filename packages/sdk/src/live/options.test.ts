import { describe, expect, it } from 'vitest'
import { createLiveClient } from './client.ts'
import { checkPollInterval } from './options.ts'

/** Creates a client with options of any type, as JavaScript allows. */
function create(options: Record<string, unknown>): unknown {
  const merged = { baseUrl: 'https://stats.test/api', siteId: 'shop', ...options }
  return createLiveClient(merged)
}

const list = 'a list of websocket, sse, long-poll'
const url = 'an http or https URL; a relative URL works only in a page'
const interval = 'a number of milliseconds above 0 and at most 2147483647'
const site = "the ID of a site; for example 'my-site'"

describe('createLiveClient: options', () => {
  it.each([
    ['an unknown window', 'minutes', 7, 'one of 1, 2, 5, 10, 15, 20, 30, 45, 60', '7'],
    ['a window as a string', 'minutes', '5', 'one of 1, 2, 5, 10, 15, 20, 30, 45, 60', "'5'"],
    ['an interval of 0', 'pollIntervalMs', 0, interval, '0'],
    ['an interval of NaN', 'pollIntervalMs', Number.NaN, interval, 'NaN'],
    ['a negative interval', 'pollIntervalMs', -5, interval, '-5'],
    ['an interval too long for a timer', 'pollIntervalMs', 1e10, interval, '10000000000'],
    ['an interval of 2 ** 31', 'pollIntervalMs', 2 ** 31, interval, '2147483648'],
    ['an infinite interval', 'pollIntervalMs', Infinity, interval, 'Infinity'],
    ['an interval as a string', 'pollIntervalMs', '5000', interval, "'5000'"],
    ['an unknown transport', 'transports', ['sse', 'ws'], list, 'sse,ws'],
    [
      'a transport named like an object property',
      'transports',
      ['constructor'],
      list,
      'constructor',
    ],
    ['transports that are not a list', 'transports', 'sse', list, "'sse'"],
    ['a missing site ID', 'siteId', undefined, site, 'undefined'],
    ['an empty site ID', 'siteId', '', site, "''"],
    ['a token of null', 'token', null, 'a string or a function that returns one', 'null'],
    ['a missing URL', 'baseUrl', undefined, url, 'undefined'],
    ['a relative URL outside a page', 'baseUrl', '/api', url, "'/api'"],
    ['a URL without a scheme', 'baseUrl', 'localhost:4711/api', url, "'localhost:4711/api'"],
  ])('rejects %s and names the option', (_, name, value, expected, shown) => {
    expect(() => create({ [name]: value })).toThrow(
      new TypeError(`${name}: ${shown} is not ${expected}.`),
    )
  })

  it.each([
    { pollIntervalMs: 1 },
    { pollIntervalMs: 2 ** 31 - 1 },
    { transports: [] },
    { transports: ['long-poll', 'websocket'] },
    { minutes: 60, token: 'a.b.c' },
    { minutes: undefined, pollIntervalMs: undefined, transports: undefined, token: undefined },
  ])('accepts %j', options => {
    expect(() => create(options)).not.toThrow()
  })
})

describe('checkPollInterval', () => {
  it('uses the given option name in the error', () => {
    expect(() => checkPollInterval(0, 'interval')).toThrow(
      new TypeError(`interval: 0 is not ${interval}.`),
    )
  })
})
