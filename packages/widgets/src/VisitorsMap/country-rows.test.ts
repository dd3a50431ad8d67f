import fc from 'fast-check'
import { expect, it } from 'vitest'
import { colorSteps, maxSteps, shadeOf } from './color-steps.ts'
import { toMapRows } from './country-rows.ts'

const nameOf = (code: string) => `Name of ${code}`

it('toMapRows: sorts countries by visitors and name, with the unknown ones last', () => {
  const rows = toMapRows(
    [
      { country: '(unknown)', visitors: 90 },
      { country: 'de', visitors: 3 },
      { country: 'FR', visitors: 4 },
      { country: 'AT', visitors: 3 },
      { country: '(other)', visitors: 0 },
    ],
    nameOf,
    'Unknown',
  )
  expect(rows.map(({ code, name, visitors }) => [code, name, visitors])).toEqual([
    ['FR', 'Name of FR', 4],
    ['AT', 'Name of AT', 3],
    ['DE', 'Name of DE', 3],
    [undefined, 'Unknown', 90],
  ])
  expect(rows.map(({ share }) => share)).toEqual([0.04, 0.03, 0.03, 0.9])
})

it('toMapRows: combines rows of one country, and ignores invalid numbers', () => {
  const rows = toMapRows(
    [
      { country: 'DE', visitors: 1 },
      { country: 'de', visitors: 2 },
      { country: 'FR', visitors: Number.NaN },
      { country: 'IT', visitors: -1 },
    ],
    nameOf,
    'Unknown',
  )
  expect(rows).toEqual([{ code: 'DE', name: 'Name of DE', visitors: 3, share: 1 }])
})

it.each<[number, [number, number][]]>([
  [0, []],
  [1, [[1, 1]]],
  [
    3,
    [
      [1, 1],
      [2, 2],
      [3, 3],
    ],
  ],
  [
    100,
    [
      [1, 2],
      [3, 6],
      [7, 15],
      [16, 40],
      [41, 100],
    ],
  ],
])('colorSteps: has steps up to %d', (max, expected) => {
  expect(colorSteps(max).map(({ from, to }) => [from, to])).toEqual(expected)
})

it('colorSteps: cover all numbers up to the largest, without gaps', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), max => {
      const steps = colorSteps(max)
      expect(steps.length).toBeLessThanOrEqual(maxSteps)
      expect([steps.at(0)?.from, steps.at(-1)?.to]).toEqual([1, max])
      for (const [index, { from }] of steps.entries()) {
        if (index > 0) expect(from).toBe((steps[index - 1]?.to ?? 0) + 1)
      }
      expect([shadeOf(0, steps), shadeOf(max, steps)]).toEqual([0, maxSteps])
      expect(shadeOf(1, steps)).toBe(maxSteps + 1 - steps.length)
    }),
  )
})
