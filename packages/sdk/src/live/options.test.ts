import { describe, expect, it } from 'vitest'
import { createLiveClient } from './client.ts'
import { checkPollInterval } from './options.ts'

/** Options as JavaScript hands them in, where no type says what they may be. */
function create(options: Record<string, unknown>): unknown {
  const given = { baseUrl: 'https://stats.test/api', siteId: 'shop', ...options }
  return createLiveClient(given)
}

const list = 'a list of websocket, sse, long-poll'
const address = 'an address by http or https, a relative one only in a page'
const interval = 'milliseconds, more than 0 and at most 2147483647'

describe('a client is refused at once, in a sentence that names the option and what it takes,', () => {
  it.each([
    ['a window that there is not', 'minutes', 7, '1, 5, 15, 30, 60', '7'],
    ['a window in text', 'minutes', '5', '1, 5, 15, 30, 60', '"5"'],
    ['no time between polls', 'pollIntervalMs', 0, interval, '0'],
    ['a time that is no number', 'pollIntervalMs', Number.NaN, interval, 'NaN'],
    ['a time before the last poll', 'pollIntervalMs', -5, interval, '-5'],
    ['a time that no timer waits', 'pollIntervalMs', 1e10, interval, '10000000000'],
    ['a time one past the longest', 'pollIntervalMs', 2 ** 31, interval, '2147483648'],
    ['a time without an end', 'pollIntervalMs', Infinity, interval, 'Infinity'],
    ['a time in text', 'pollIntervalMs', '5000', interval, '"5000"'],
    ['a transport that there is not', 'transports', ['sse', 'ws'], list, 'sse,ws'],
    [
      'a transport by the name of what every object has',
      'transports',
      ['constructor'],
      list,
      'constructor',
    ],
    ['a transport that is no list', 'transports', 'sse', list, '"sse"'],
    ['no site', 'siteId', undefined, 'the id of a site', 'undefined'],
    ['a site without a name', 'siteId', '', 'the id of a site', '""'],
    ['a token that is none', 'token', null, 'text, or a function that gives it', 'null'],
    ['no address', 'baseUrl', undefined, address, 'undefined'],
    ['a relative address outside of a page', 'baseUrl', '/api', address, '"/api"'],
    [
      'an address without its scheme',
      'baseUrl',
      'localhost:4711/api',
      address,
      '"localhost:4711/api"',
    ],
  ])('for %s', (_, name, value, takes, given) => {
    expect(() => create({ [name]: value })).toThrow(
      new TypeError(`\`${name}\` takes ${takes}, not ${given}.`),
    )
  })
})

it.each([
  { pollIntervalMs: 1 },
  { pollIntervalMs: 2 ** 31 - 1 },
  { transports: [] },
  { transports: ['long-poll', 'websocket'] },
  { minutes: 60, token: 'a.b.c' },
  { minutes: undefined, pollIntervalMs: undefined, transports: undefined, token: undefined },
])('a client takes %j', options => {
  expect(() => create(options)).not.toThrow()
})

it('an interval that is called something else is named so', () => {
  expect(() => checkPollInterval(0, 'interval')).toThrow(
    new TypeError(`\`interval\` takes ${interval}, not 0.`),
  )
})
