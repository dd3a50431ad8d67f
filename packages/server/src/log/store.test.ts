import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeDirectory } from '../testing/directory.ts'
import { createMemoryLog } from './memory.ts'
import { createSqliteLog } from './sqlite.ts'
import type { Checkpoint, Store, StoredPart } from './store.ts'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

function part(start: number, ...values: number[]): StoredPart {
  return { tier: 'minute', start, part: 'totals', bytes: bytes(...values) }
}

function checkpoint(fields: Partial<Checkpoint>): Checkpoint {
  return { offset: 1, state: bytes(), segments: [], parts: [], ...fields }
}

const stores: [string, () => Store][] = [
  ['memory', () => createMemoryLog({ now: 0 }).store],
  [
    'sqlite',
    () => {
      const log = createSqliteLog({ path: join(makeDirectory(), 'tidemark.db'), now: 0 })
      onTestFinished(() => log.close())
      return log.store
    },
  ],
]

describe.each(stores)('%s store', (_, create) => {
  it('has no sites at first, and no parts of an unknown site', async () => {
    const store = create()
    expect([...store.sites()]).toEqual([])
    expect(store.read('shop', 'minute', 'totals', 0, 9e15)).toEqual([])
    await store.expire('shop', 'minute', 9e15)
  })

  it('returns each site as its last checkpoint left it', async () => {
    const store = create()
    await store.commit('shop', checkpoint({ offset: 7, state: bytes(1) }))
    await store.commit('blog', checkpoint({ offset: 8, state: bytes(2) }))
    await store.commit('shop', checkpoint({ offset: 9, state: bytes(3) }))
    expect([...store.sites()]).toEqual([
      { site: 'shop', offset: 9, state: bytes(3), segments: [] },
      { site: 'blog', offset: 8, state: bytes(2), segments: [] },
    ])
  })

  it('adds, replaces and deletes segments by table and id', async () => {
    const store = create()
    const segments = [
      { table: 'clients', id: 1, bytes: bytes(1) },
      { table: 'clients', id: 2, bytes: bytes(2) },
      { table: 'sessions', id: 1, bytes: bytes(3) },
    ]
    await store.commit('shop', checkpoint({ segments }))
    await store.commit('blog', checkpoint({ segments: segments.slice(0, 1) }))
    await store.commit(
      'shop',
      checkpoint({
        segments: [
          { table: 'clients', id: 1, bytes: undefined },
          { table: 'clients', id: 2, bytes: bytes(4) },
          { table: 'clients', id: 3, bytes: bytes(5) },
        ],
      }),
    )
    const [shop, blog] = store.sites()
    expect(shop?.segments).toEqual([
      { table: 'clients', id: 2, bytes: bytes(4) },
      { table: 'clients', id: 3, bytes: bytes(5) },
      { table: 'sessions', id: 1, bytes: bytes(3) },
    ])
    expect(blog?.segments).toEqual(segments.slice(0, 1))
  })

  it('reads one part of a half-open range of one site and tier, in order', async () => {
    const store = create()
    const parts: StoredPart[] = [part(300, 3), part(100, 1), part(200, 2)]
    const hour: StoredPart = { ...part(200, 9), tier: 'hour' }
    const paths: StoredPart = { ...part(200, 8), part: 'path' }
    await store.commit('shop', checkpoint({ parts: [...parts, hour, paths] }))
    await store.commit('blog', checkpoint({ parts: [part(200, 7)] }))
    expect(store.read('shop', 'minute', 'totals', 100, 300)).toEqual([part(100, 1), part(200, 2)])
    expect(store.read('shop', 'hour', 'totals', 0, 900)).toEqual([hour])
    expect(store.read('shop', 'minute', 'path', 0, 900)).toEqual([paths])
    await store.commit('shop', checkpoint({ parts: [part(200, 4)] }))
    expect(store.read('shop', 'minute', 'totals', 200, 201)).toEqual([part(200, 4)])
  })

  it('expires the buckets of one site and tier before a time', async () => {
    const store = create()
    const hour: StoredPart = { ...part(100, 9), tier: 'hour' }
    const values: StoredPart = { ...part(100, 8), part: 'values' }
    await store.commit('shop', checkpoint({ parts: [part(100, 1), part(200, 2), hour, values] }))
    await store.commit('blog', checkpoint({ parts: [part(100, 3)] }))
    await store.expire('shop', 'minute', 200)
    expect(store.read('shop', 'minute', 'totals', 0, 900)).toEqual([part(200, 2)])
    expect(store.read('shop', 'minute', 'values', 0, 900)).toEqual([])
    expect(store.read('shop', 'hour', 'totals', 0, 900)).toEqual([hour])
    expect(store.read('blog', 'minute', 'totals', 0, 900)).toEqual([part(100, 3)])
  })

  it('returns the time from which a tier of a site is complete', async () => {
    const store = create()
    const completeFrom = (site = 'shop', tier = 'minute'): number => store.completeFrom(site, tier)
    expect(completeFrom()).toBe(-Infinity)
    await store.expire('shop', 'minute', 900)
    await store.commit('shop', checkpoint({ parts: [part(100, 1), part(200, 2)] }))
    await store.commit('blog', checkpoint({ parts: [part(100, 3)] }))
    await store.expire('shop', 'minute', 100)
    expect(completeFrom()).toBe(-Infinity)
    await store.expire('shop', 'minute', 150)
    expect(completeFrom()).toBe(150)
    // No bucket starts between 150 and 200, so nothing is deleted.
    await store.expire('shop', 'minute', 200)
    expect(completeFrom()).toBe(150)
    expect([completeFrom('shop', 'hour'), completeFrom('blog')]).toEqual([-Infinity, -Infinity])
    await store.commit('shop', checkpoint({ incomplete: [{ tier: 'hour', before: 70 }] }))
    await store.commit('shop', checkpoint({ incomplete: [{ tier: 'hour', before: 60 }] }))
    expect([completeFrom(), completeFrom('shop', 'hour')]).toEqual([150, 70])
    // A late part does not make the range complete again.
    await store.commit('shop', checkpoint({ parts: [part(50, 5)] }))
    await store.expire('shop', 'minute', 120)
    expect(completeFrom()).toBe(150)
  })
})
