import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type EventProperty,
  formatProperty,
  parseProperty,
  toProperties,
  toProperty,
} from './event-property.ts'
import { limits } from './limits.ts'

const name = fc.oneof(
  fc.constantFrom('a', 'a.b', '.', '\\', 'a\\.', '\\\\.', '__proto__', 'ä b', '\n', '\ud83c\udf0a'),
  fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }),
)
const property: fc.Arbitrary<EventProperty> = fc.record({ event: name, property: name })

describe('formatProperty', () => {
  it.each([
    ['purchase', 'plan', 'purchase.plan'],
    ['shop.buy', 'plan', String.raw`shop\.buy.plan`],
    ['shop', 'buy.plan', 'shop.buy.plan'],
    ['a\\', 'b', String.raw`a\\.b`],
  ])('writes %s and %s as %s', (event, of, text) => {
    expect(formatProperty({ event, property: of })).toBe(text)
  })

  it('can be parsed, with any names', () => {
    fc.assert(
      fc.property(property, each => {
        expect(parseProperty(formatProperty(each))).toEqual(each)
      }),
    )
  })
})

describe('parseProperty', () => {
  it.each(['', 'purchase', '.plan', 'purchase.', String.raw`purchase\.plan`, String.raw`a\b.c`])(
    'refuses %j',
    text => {
      expect(parseProperty(text)).toBeUndefined()
    },
  )
})

describe('toProperty', () => {
  it('leaves out other members, and replaces lone surrogates, which have no form in a URL', () => {
    const given = { event: 'a\ud800', property: '\udc00b', value: 7 }
    expect(toProperty(given)).toEqual({ event: 'a\ufffd', property: '\ufffdb' })
  })

  it.each([
    [undefined],
    [null],
    ['purchase.plan'],
    [['purchase', 'plan']],
    [{ event: 'purchase' }],
    [{ event: 'purchase', property: 7 }],
    [{ event: '', property: 'plan' }],
    [{ event: 'purchase', property: '' }],
    [{ event: 'x'.repeat(limits.maxNameLength + 1), property: 'plan' }],
    [{ event: 'x', property: 'y'.repeat(limits.maxPropertyNameLength + 1) }],
  ])('refuses %j', value => {
    expect(toProperty(value)).toBeUndefined()
  })
})

describe('toProperties', () => {
  const some = (count: number): EventProperty[] =>
    Array.from({ length: count }, (_, index) => ({ event: 'a', property: `${index}` }))

  it('sorts by text and drops duplicates', () => {
    const [a, b] = [
      { event: 'b', property: 'x' },
      { event: 'a', property: 'y' },
    ]
    expect(toProperties([a, b, { ...a }])).toEqual([b, a])
  })

  it('is undefined beyond the number of properties and their length in a URL', () => {
    const { maxSelectedProperties, maxPropertiesLength, maxNameLength } = limits
    expect(toProperties(some(maxSelectedProperties))).toHaveLength(maxSelectedProperties)
    expect(toProperties([...some(20), ...some(20)])).toHaveLength(20)
    expect(toProperties(some(maxSelectedProperties + 1))).toBeUndefined()
    const long = { event: '\u6d77'.repeat(maxNameLength), property: '\u6d77'.repeat(100) }
    expect(toProperties([long])).toHaveLength(1)
    expect(encodeURIComponent(formatProperty(long)).length * 2).toBeGreaterThan(maxPropertiesLength)
    expect(toProperties([long, { ...long, property: '\u6d77'.repeat(99) }])).toBeUndefined()
  })
})
