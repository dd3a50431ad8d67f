import { expect, it } from 'vitest'
import { shallowRef } from 'vue'
import type { RangeSelection } from '../history/range-selection.ts'
import { useRangeModel } from './range-model.ts'

it('useRangeModel: returns to the range before the first selection', () => {
  const range = shallowRef<RangeSelection | undefined>({ last: '7d' })
  const { isBrushed, brush, reset } = useRangeModel(range)
  expect(isBrushed.value).toBe(false)
  brush({ from: 0, to: 100 })
  expect(range.value).toEqual({ from: 0, to: 100 })
  brush({ from: 20, to: 50 })
  expect(isBrushed.value).toBe(true)
  reset()
  expect(range.value).toEqual({ last: '7d' })
  expect(isBrushed.value).toBe(false)
})

it('useRangeModel: leaves a range of the host alone', () => {
  const range = shallowRef<RangeSelection | undefined>()
  const { isBrushed, brush, reset } = useRangeModel(range)
  brush({ from: 0, to: 100 })
  range.value = { last: '24h' }
  expect(isBrushed.value).toBe(false)
  reset()
  expect(range.value).toEqual({ last: '24h' })
})
