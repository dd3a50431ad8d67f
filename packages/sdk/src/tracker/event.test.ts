import { type TrackedEvent, eventNames, limits } from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import { type EventDetails, formatEvent, toAddress } from './event.ts'
import * as wire from './protocol-values.ts'

function format(name: unknown, details: EventDetails = {}): TrackedEvent {
  return JSON.parse(formatEvent(name, details) ?? 'null') as TrackedEvent
}

describe('formatEvent', () => {
  it('includes exactly the defined fields', () => {
    const event = format('sign_up', { n: 1, timestamp: 5, visitorId: undefined, value: 3 })
    expect(event).toStrictEqual({ n: 1, timestamp: 5, name: 'sign_up', value: 3 })
  })

  it('returns nothing without a name', () => {
    for (const name of ['', undefined, null]) expect(formatEvent(name, {})).toBeFalsy()
  })

  it('truncates texts to the limits of the protocol', () => {
    const long = 'x'.repeat(10_000)
    const many = Object.fromEntries(Array.from({ length: 80 }, (_, index) => [index + long, long]))
    const event = format(long, { visitorId: long, referrer: long, title: long, properties: many })
    expect(event.name).toHaveLength(limits.maxNameLength)
    expect(event.visitorId).toHaveLength(limits.maxIdLength)
    expect(event.referrer).toHaveLength(limits.maxUrlLength)
    expect(event.title).toHaveLength(limits.maxTitleLength)
    const properties = Object.entries(event.properties ?? {})
    expect(properties).toHaveLength(limits.maxProperties)
    expect(properties[0]?.[0]).toHaveLength(limits.maxPropertyNameLength)
    expect(properties[0]?.[1]).toHaveLength(limits.maxPropertyTextLength)
  })

  it('does not truncate inside a surrogate pair', () => {
    const title = `${'x'.repeat(limits.maxTitleLength - 1)}😀`
    expect(format('e', { title }).title).toBe('x'.repeat(limits.maxTitleLength - 1))
  })

  it('omits properties that are not text, a number or a boolean', () => {
    const properties = {
      a: 'x',
      b: 1,
      c: false,
      d: null,
      e: {},
      f: NaN,
      g: Infinity,
      h: 2 ** 54,
      i: 1n,
    }
    expect(format('e', { properties }).properties).toEqual({ a: 'x', b: 1, c: false })
    expect(format('e', { properties: 'text' }).properties).toBeUndefined()
    expect(format('e', { value: '5' }).value).toBeUndefined()
    expect(format('e', { value: -Infinity }).value).toBeUndefined()
  })

  it('keeps properties with names of Object.prototype', () => {
    const properties: unknown = JSON.parse('{"__proto__":"a","constructor":"b","toString":"c"}')
    expect(formatEvent('e', { properties })).toContain(
      '{"__proto__":"a","constructor":"b","toString":"c"}',
    )
  })
})

describe('toAddress', () => {
  const base = 'https://shop.example/a/b?q=1#top'

  it('returns an absolute URL with the query and without the fragment', () => {
    expect(toAddress(base, base, false)).toBe('https://shop.example/a/b?q=1')
    expect(toAddress('../c', base, false)).toBe('https://shop.example/c')
  })

  it('includes the fragment with `hash`', () => {
    expect(toAddress('#/cart', base, true)).toBe('https://shop.example/a/b?q=1#/cart')
  })

  it('removes credentials', () => {
    expect(toAddress('https://user:secret@shop.example/', base, false)).toBe(
      'https://shop.example/',
    )
  })

  it('returns undefined for URLs that the server rejects', () => {
    for (const url of ['file:///home/me/x.html', 'about:blank', 'javascript:alert(1)', 'data:,x']) {
      expect(toAddress(url, base, false)).toBeUndefined()
    }
    expect(toAddress(`/${'x'.repeat(10_000)}`, base, false)).toHaveLength(limits.maxUrlLength)
  })
})

it('protocol-values: equal the values of the protocol', () => {
  const { pageViewName, heartbeatName, leaveName, ...bounds } = wire
  expect(limits).toMatchObject(bounds)
  expect(eventNames).toMatchObject({
    pageView: pageViewName,
    heartbeat: heartbeatName,
    leave: leaveName,
  })
})
