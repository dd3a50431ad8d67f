import { expect, it } from 'vitest'
import { createStore } from './store.ts'
import { createFakeWorld } from './testing/fake-world.ts'

const prefix = 'tidemark https://stats.example/ '

it('Store: reads, writes, lists and erases the keys of a site', () => {
  const { storage, tab } = createFakeWorld()
  const [store, listNames] = createStore(tab.host, prefix)
  store('setItem', 'a 1', 'x')
  store('setItem', 'off', '1')
  expect(storage.keys()).toEqual([`${prefix}a 1`, `${prefix}off`])
  expect([store('getItem', 'a 1'), store('getItem', 'b')]).toEqual(['x', null])
  expect(listNames().toSorted()).toEqual(['a 1', 'off'])
  store('removeItem', 'a 1')
  expect(listNames()).toEqual(['off'])
})

it('Store: does not touch keys of the page and of other sites', () => {
  const { storage, tab } = createFakeWorld()
  storage.set('cart', '[]')
  storage.set('tidemark https://other.example/ a 1', '{}')
  const [store, listNames] = createStore(tab.host, prefix)
  expect(listNames()).toEqual([])
  listNames().forEach(name => store('removeItem', name))
  expect(storage.keys()).toHaveLength(2)
})

it.each([
  ['blocked', { isBlocked: true }],
  ['broken', { isBroken: true }],
])('Store: has no effect if the storage is %s', (_, faults) => {
  const { storage, tab } = createFakeWorld()
  Object.assign(storage.faults, faults)
  const [store, listNames] = createStore(tab.host, prefix)
  store('setItem', 'a 1', 'x')
  store('removeItem', 'a 1')
  expect(store('getItem', 'a 1')).toBeUndefined()
  expect(listNames()).toEqual([])
})

it('Store: has no effect without a storage', () => {
  const { host } = createFakeWorld().tab
  Object.defineProperty(host, 'localStorage', { value: undefined })
  const [store, listNames] = createStore(host, prefix)
  store('setItem', 'a 1', 'x')
  expect([store('getItem', 'a 1'), listNames()]).toEqual([undefined, []])
})

it('Store: keeps the values of a full storage', () => {
  const { storage, tab } = createFakeWorld()
  const [store, listNames] = createStore(tab.host, prefix)
  store('setItem', 'a 1', 'x')
  storage.faults.isFull = true
  store('setItem', 'a 2', 'y')
  expect(listNames()).toEqual(['a 1'])
  store('removeItem', 'a 1')
  expect(listNames()).toEqual([])
})
