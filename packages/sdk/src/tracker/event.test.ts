import { eventNames, limits } from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import { toEvent, toJson, toProperties } from './event.ts'
import * as wire from './protocol-values.ts'

/** The event after its way through JSON. */
const send = (details: object): unknown =>
  JSON.parse(toJson({ ...toEvent({ name: 'e', ...details }) }))

describe('Event: fields', () => {
  it('has exactly the defined fields', () => {
    expect(send({ visitorId: undefined, value: 3, extra: 1 })).toStrictEqual({
      name: 'e',
      value: 3,
    })
  })

  it('does not exist without a name', () => {
    for (const name of ['', undefined, null, 5, {}]) expect(toEvent({ name })).toBeUndefined()
  })

  it('has no visitor and no user if their ids are empty or not text', () => {
    expect(send({ visitorId: '', userId: '' })).toStrictEqual({ name: 'e' })
    expect(send({ visitorId: 5, userId: null })).toStrictEqual({ name: 'e' })
    expect(send({ visitorId: 'v', userId: 'u' })).toMatchObject({ visitorId: 'v', userId: 'u' })
  })

  it('has an empty referrer if there is no previous page', () => {
    expect(send({ referrer: '' })).toStrictEqual({ name: 'e', referrer: '' })
  })

  it('has texts within the limits of the protocol', () => {
    const long = 'x'.repeat(10_000)
    const properties = Object.fromEntries(
      Array.from({ length: 80 }, (_, index) => [index + long, long]),
    )
    const texts = {
      name: long,
      visitorId: long,
      userId: long,
      url: long,
      referrer: long,
      title: long,
    }
    const event = toEvent({ ...texts, properties })
    expect(event?.name).toHaveLength(limits.maxNameLength)
    expect(event?.visitorId).toHaveLength(limits.maxIdLength)
    expect(event?.userId).toHaveLength(limits.maxIdLength)
    expect(event?.url).toHaveLength(limits.maxUrlLength)
    expect(event?.referrer).toHaveLength(limits.maxUrlLength)
    expect(event?.title).toHaveLength(limits.maxTitleLength)
    const [first, ...others] = Object.entries(event?.properties ?? {})
    expect(others).toHaveLength(limits.maxProperties - 1)
    expect(first?.[0]).toHaveLength(limits.maxPropertyNameLength)
    expect(first?.[1]).toHaveLength(limits.maxPropertyTextLength)
  })

  it('has no half of a surrogate pair at the end of a text', () => {
    const title = `${'x'.repeat(limits.maxTitleLength - 1)}😀`
    expect(send({ title })).toMatchObject({ title: 'x'.repeat(limits.maxTitleLength - 1) })
  })

  it('has a finite number as value, or none', () => {
    for (const value of ['5', -Infinity, NaN, 2 ** 54, 1n, null])
      expect(toEvent({ name: 'e', value })?.value).toBeUndefined()
    for (const value of [0, -1.5, 2 ** 53]) expect(send({ value })).toMatchObject({ value })
  })
})

describe('Event: properties', () => {
  it('are texts, numbers and booleans', () => {
    const others = { d: null, e: {}, f: NaN, g: Infinity, h: 2 ** 54, i: 1n, j: [1], k: undefined }
    expect(toProperties({ a: 'x', b: 1, c: false, ...others })).toEqual({ a: 'x', b: 1, c: false })
    expect(toProperties({ d: null })).toBeUndefined()
    for (const source of ['text', 5, null, undefined]) expect(toProperties(source)).toBeUndefined()
  })

  it('come from several sources, of which the last takes precedence', () => {
    expect(toProperties({ a: 1, b: 2 }, undefined, { b: 3, c: 4 })).toEqual({ a: 1, b: 3, c: 4 })
  })

  it('omit one whose getter throws and keep the others', () => {
    const source = {
      a: 1,
      get b(): never {
        throw new Error('not now')
      },
      c: 3,
    }
    expect(toProperties(source)).toEqual({ a: 1, c: 3 })
  })

  it('omit an empty name', () => {
    expect(toProperties({ '': 'x', a: 'y' })).toEqual({ a: 'y' })
  })

  it('keep names of Object.prototype', () => {
    const source: unknown = JSON.parse('{"__proto__":"a","constructor":"b","toString":"c"}')
    expect(toJson({ ...toProperties(source) })).toBe(
      '{"__proto__":"a","constructor":"b","toString":"c"}',
    )
  })
})

describe('Event: JSON', () => {
  it('omits undefined members, at any depth', () => {
    expect(toJson({ a: undefined, b: { c: 'é"', d: undefined }, e: true, f: 1.5 })).toBe(
      '{"b":{"c":"é\\""},"e":true,"f":1.5}',
    )
    expect(toJson({})).toBe('{}')
  })

  it('ignores `toJSON` on the prototypes of the page', () => {
    const prototypes: object[] = [
      Object.prototype,
      String.prototype,
      Number.prototype,
      Boolean.prototype,
    ]
    for (const prototype of prototypes)
      Object.defineProperty(prototype, 'toJSON', { value: () => 'ours', configurable: true })
    let json = ''
    try {
      json = toJson({ name: 'a', n: 1, on: true, properties: { b: 'c' } })
    } finally {
      for (const prototype of prototypes) Reflect.deleteProperty(prototype, 'toJSON')
    }
    expect(json).toBe('{"name":"a","n":1,"on":true,"properties":{"b":"c"}}')
  })
})

it('Protocol values: equal those of the protocol', () => {
  const { pageViewName, heartbeatName, leaveName, ...bounds } = wire
  expect(limits).toMatchObject(bounds)
  expect(eventNames).toMatchObject({
    pageView: pageViewName,
    heartbeat: heartbeatName,
    leave: leaveName,
  })
})
