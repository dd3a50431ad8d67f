import { expect, it } from 'vitest'
import { shallowRef } from 'vue'
import { useRowKeys } from './useRowKeys.ts'

it('useRowKeys: a row keeps its key, and a few new rows get new keys', () => {
  const ids = shallowRef(['b', 'a'])
  const keys = useRowKeys(() => ids.value)
  expect([...keys.value.entries()]).toEqual([
    ['b', 1],
    ['a', 2],
  ])
  ids.value = ['d', 'c', 'b']
  expect([...keys.value.values()]).toEqual([3, 4, 1])
})

it('useRowKeys: many new rows take the keys of removed rows first', () => {
  const ids = shallowRef<string[] | undefined>(['d', 'c', 'b', 'a'])
  const keys = useRowKeys(() => ids.value)
  void keys.value
  ids.value = ['h', 'g', 'f', 'e', 'd']
  expect([...keys.value.values()]).toEqual([2, 3, 4, 5, 1])
  ids.value = undefined
  expect(keys.value.size).toBe(0)
})
