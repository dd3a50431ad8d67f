import { describe, expect, it } from 'vitest'
import type { LogEntry } from '../access-log/format/entry.ts'
import { createVisitorIdentities } from './visitor-identities.ts'

function entry(client: string | undefined, userAgent: string | undefined): LogEntry {
  return {
    ...{ client, siteHost: undefined, hasReferrer: true, at: 0, request: undefined, status: 200 },
    ...{ bytes: undefined, referrer: undefined, userAgent },
  }
}

describe('createVisitors', () => {
  const run = { runId: 'run', secret: 'secret' }

  it('returns one visitor for each pair of host and user agent', () => {
    const visitorOf = createVisitorIdentities(run)
    const visitor = visitorOf(entry('192.0.2.1', 'A'))
    expect(visitorOf(entry('192.0.2.1', 'A'))).toBe(visitor)
    const others = [
      visitorOf(entry('192.0.2.1', 'B')),
      visitorOf(entry('192.0.2.1', undefined)),
      visitorOf(entry('192.0.2.2', 'A')),
    ]
    const all = [visitor, ...others]
    expect(new Set(all.map(each => each.id)).size).toBe(4)
    expect(new Set(all.map(each => each.client)).size).toBe(4)
  })

  it('derives visitor IDs from the key of the run', () => {
    const { id } = createVisitorIdentities(run)(entry('192.0.2.1', 'A'))
    expect(id).not.toContain('192')
    expect(createVisitorIdentities(run)(entry('192.0.2.1', 'A')).id).toBe(id)
    expect(
      createVisitorIdentities({ ...run, secret: 'other' })(entry('192.0.2.1', 'A')).id,
    ).not.toBe(id)
  })

  it('gives an evicted visitor the same ID and a new client, so that no event number is reused', () => {
    const visitorOf = createVisitorIdentities({ ...run, maxVisitors: 2 })
    const before = visitorOf(entry('192.0.2.1', 'A'))
    visitorOf(entry('192.0.2.2', 'A'))
    visitorOf(entry('192.0.2.3', 'A'))
    const after = visitorOf(entry('192.0.2.1', 'A'))
    expect(after.id).toBe(before.id)
    expect(after.client).not.toBe(before.client)
    expect(after.n).toBe(0)
  })

  it.each([
    ['curl/8.5.0', true],
    ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', true],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', false],
    [undefined, false],
  ])('tells whether the user agent %j is a bot', (userAgent, isBot) => {
    expect(createVisitorIdentities(run)(entry('192.0.2.1', userAgent)).isBot).toBe(isBot)
  })

  it.each([
    ['Mozilla/5.0 (X11)', 'Mozilla/5.0 (X11)'],
    ['a\r\nX-Evil: 1', 'a??X-Evil: 1'],
    ['Grüße 你', 'Grüße ?'],
    ['\0 ', '?'],
    ['  ', undefined],
    ['x'.repeat(5000), 'x'.repeat(1024)],
  ])('converts the user agent %j to a header value', (userAgent, header) => {
    expect(createVisitorIdentities(run)(entry('192.0.2.1', userAgent)).userAgent).toBe(header)
  })
})
