import { describe, expect, it } from 'vitest'
import { toCountedProperties } from './properties.ts'

describe('toCountedProperties', () => {
  it('returns names and texts in turn, also of numbers, booleans and unusual names', () => {
    const properties = JSON.parse('{"plan":"pro","seats":3,"trial":false,"__proto__":"x"}')
    expect(toCountedProperties('purchase', properties)).toEqual([
      ...['plan', 'pro', 'seats', '3', 'trial', 'false', '__proto__', 'x'],
    ])
  })

  it('cuts and cleans texts', () => {
    expect(toCountedProperties('a', { 'b\u202e': 'x'.repeat(1000) })).toEqual([
      'b\ufffd',
      'x'.repeat(200),
    ])
  })

  it.each([
    ['purchase', undefined],
    ['purchase', {}],
    ['outbound', { url: 'https://example.com/' }],
    ['site_search', { query: 'boots' }],
  ])('returns nothing for %s with %j', (name, properties) => {
    expect(toCountedProperties(name, properties)).toBeUndefined()
  })
})
