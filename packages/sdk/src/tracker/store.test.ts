import { expect, it } from 'vitest'
import { createStore } from './store.ts'
import { createFakeWorld } from './testing/fake-world.ts'

const prefix = 'tidemark https://stats.example/ '

it('Store: reads, writes, lists and erases the keys of a site', () => {
  const { storage, tab } = createFakeWorld()
  const store = createStore(tab.host, prefix)
  store.write('a 1', 'x')
  store.write('off', '1')
  expect(storage.keys()).toEqual([`${prefix}a 1`, `${prefix}off`])
  expect([store.read('a 1'), store.read('b')]).toEqual(['x', null])
  expect(store.names().toSorted()).toEqual(['a 1', 'off'])
  store.erase('a 1')
  expect(store.names()).toEqual(['off'])
})

it('Store: does not touch keys of the page and of other sites', () => {
  const { storage, tab } = createFakeWorld()
  storage.set('cart', '[]')
  storage.set('tidemark https://other.example/ a 1', '{}')
  const store = createStore(tab.host, prefix)
  expect(store.names()).toEqual([])
  store.names().forEach(store.erase)
  expect(storage.keys()).toHaveLength(2)
})

it.each([
  ['blocked', { isBlocked: true }],
  ['broken', { isBroken: true }],
])('Store: has no effect if the storage is %s', (_, faults) => {
  const { storage, tab } = createFakeWorld()
  Object.assign(storage.faults, faults)
  const store = createStore(tab.host, prefix)
  store.write('a 1', 'x')
  store.erase('a 1')
  expect(store.read('a 1')).toBeUndefined()
  expect(store.names()).toEqual([])
})

it('Store: has no effect without a storage', () => {
  const { host } = createFakeWorld().tab
  Object.defineProperty(host, 'localStorage', { value: undefined })
  const store = createStore(host, prefix)
  store.write('a 1', 'x')
  expect([store.read('a 1'), store.names()]).toEqual([undefined, []])
})

it('Store: keeps the values of a full storage', () => {
  const { storage, tab } = createFakeWorld()
  const store = createStore(tab.host, prefix)
  store.write('a 1', 'x')
  storage.faults.isFull = true
  store.write('a 2', 'y')
  expect(store.names()).toEqual(['a 1'])
  store.erase('a 1')
  expect(store.names()).toEqual([])
})
