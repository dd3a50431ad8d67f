import { expect, it } from 'vitest'
import { reuseEqual } from './reuse-equal.ts'

interface Row {
  readonly key: string
  readonly value?: number | undefined
  readonly item?: object
}

const keyOf = ({ key }: Row): string => key

it('reuseEqual: returns the previous list when all items are equal', () => {
  const previous: Row[] = [{ key: 'a', value: Number.NaN, item: { name: 'a' } }, { key: 'b' }]
  const next: Row[] = [{ key: 'a', value: Number.NaN, item: { name: 'a' } }, { key: 'b' }]
  expect(reuseEqual(previous, next, keyOf)).toBe(previous)
})

it('reuseEqual: keeps equal items in another order, and replaces changed ones', () => {
  const [a, b]: Row[] = [
    { key: 'a', value: 1 },
    { key: 'b', value: 2 },
  ]
  const reused = reuseEqual(
    [a, b].flatMap(row => row ?? []),
    [
      { key: 'b', value: 2 },
      { key: 'a', value: 3 },
    ],
    keyOf,
  )
  expect(reused).toEqual([b, { key: 'a', value: 3 }])
  expect(reused[0]).toBe(b)
})

it.each<[string, Row, Row]>([
  ['a field more', { key: 'a' }, { key: 'a', value: undefined }],
  ['another field', { key: 'a', value: undefined }, { key: 'a', item: {} }],
  ['another field of an object', { key: 'a', item: { x: 1 } }, { key: 'a', item: { x: 2 } }],
  ['another object below', { key: 'a', item: { x: {} } }, { key: 'a', item: { x: {} } }],
])('reuseEqual: replaces an item with %s', (_, before, after) => {
  expect(reuseEqual([before], [after], keyOf)[0]).toBe(after)
})
