import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readProperties } from './property-rows.ts'
import { runToCompletion } from '../shared/cooperative-task.ts'
import { defaultBounds } from '../rollup/bounds.ts'
import { maxPropertyRows } from '../rollup/bucket/properties.ts'
import { toPropertyRows } from '../rollup/bucket/property-rows.ts'
import { type SiteState, createSiteState } from '../rollup/site.ts'
import { batch, event, hourMs, start } from '../rollup/testing/site-state.ts'

function rowsOf(state: SiteState, name?: string, property?: string, minCount = 0) {
  const parts = runToCompletion(state.history.tiers.read('day', 'properties', 0, 9e15))
  const table = runToCompletion(readProperties(parts, { name, property }, 200))
  return toPropertyRows(table, 1000, minCount)
}

describe('SiteState: properties', () => {
  const state = createSiteState()
  const purchase = { name: 'purchase', visitor: 'a' }
  state.apply(
    batch(1, [
      event({ ...purchase, properties: ['plan', 'pro', '__proto__', 'x'], value: 10 }),
      event({ ...purchase, properties: ['plan', 'pro'], value: 30 }),
      event({ ...purchase, visitor: 'b', at: start - hourMs, properties: ['plan', 'free'] }),
      event({ name: 'constructor', properties: ['plan', 'other'] }),
    ]),
  )

  it('count events, visitors and values by the value of a property', () => {
    expect(rowsOf(state, 'purchase', 'plan')).toMatchObject([
      { property: 'pro', events: 2, visitors: 1, count: 2, sum: 40, mean: 20, min: 10, max: 30 },
      { property: 'free', events: 1, visitors: 1 },
    ])
    expect(rowsOf(state, 'purchase', 'plan')[1]).not.toHaveProperty('sum')
    expect(rowsOf(state, 'purchase', '__proto__')).toMatchObject([{ property: 'x', events: 1 }])
    expect(rowsOf(state, 'purchase', 'constructor')).toEqual([])
  })

  it('are listed by event, and events with properties by name', () => {
    expect(rowsOf(state, 'purchase')).toMatchObject([
      { property: 'plan', events: 3 },
      { property: '__proto__', events: 1 },
    ])
    expect(rowsOf(state)).toMatchObject([
      { property: 'purchase', events: 3 },
      { property: 'constructor', events: 1 },
    ])
  })

  it('of few visitors are hidden from a reader with a smallest count', () => {
    expect(rowsOf(state, 'purchase', 'plan', 2)).toMatchObject([
      { property: '(other)', events: 3, visitors: 2, rest: true },
    ])
  })

  it('have an exact rest beyond their bound', () => {
    const names = fc.array(fc.nat(400), { minLength: 150, maxLength: 400 })
    fc.assert(
      fc.property(names, all => {
        const bounded = createSiteState()
        const events = all.map(n => event({ name: 'x', properties: ['p', `${n}`], value: n }))
        bounded.apply(batch(1, events))
        const rows = rowsOf(bounded, 'x', 'p')
        expect(rows.length).toBeLessThanOrEqual(maxPropertyRows + 1)
        const sum = (field: 'events' | 'sum'): number =>
          rows.reduce((total, row) => total + (row[field] ?? 0), 0)
        expect(sum('events')).toBe(all.length)
        expect(sum('sum')).toBeCloseTo(all.reduce((total, n) => total + n, 0))
      }),
      { numRuns: 20 },
    )
  })

  it('without room are counted as overflow', () => {
    const small = createSiteState({ bounds: { ...defaultBounds, maxProperties: 1 } })
    small.apply(batch(1, [event({ properties: ['a', '1', 'b', '2'] })]))
    expect(small.overflow.get('properties')).toBe(1)
    expect(rowsOf(small, 'page_view')).toMatchObject([{ property: 'a', events: 1 }])
  })
})
