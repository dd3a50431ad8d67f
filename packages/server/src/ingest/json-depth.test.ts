import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTooDeep } from './json-depth.ts'

/** Long enough to be checked. */
const spaces = ' '.repeat(70_000)

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

/** Wraps a value in nested arrays. */
function nest(value: unknown, levels: number): unknown {
  return levels === 0 ? value : nest([value], levels - 1)
}

describe('isTooDeep: long texts', () => {
  it('are too deep from 65 levels on, with any strings in them', () => {
    const key = fc.string({ unit: fc.constantFrom('[', '{', '"', '\\', 'a', ']'), maxLength: 6 })
    const value = fc.object({ key, values: [key, fc.integer()], maxDepth: 3 })
    fc.assert(
      fc.property(value, fc.integer({ min: 55, max: 70 }), (inner, levels) => {
        const nested = nest(inner, levels)
        expect(isTooDeep(JSON.stringify(nested) + spaces)).toBe(depthOf(nested) > 64)
      }),
    )
  })

  it.each(['[', '{"a":', '[{"":', '[['])('that repeat `%s` are too deep', part => {
    expect(isTooDeep(part.repeat(30_000) + spaces)).toBe(true)
  })

  it.each(['"', '"\\', '"\\"', '[[]]', '{"a":"', ']]]]', '\\'])(
    'that repeat `%s` are not too deep',
    part => {
      expect(isTooDeep(part.repeat(33) + spaces)).toBe(false)
    },
  )
})

it('isTooDeep: ignores short texts', () => {
  expect(isTooDeep('['.repeat(4_000))).toBe(false)
})
