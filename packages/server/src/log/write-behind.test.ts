import { describe, expect, it } from 'vitest'
import { LogUnavailableError } from './log.ts'
import { createMemoryStore } from './memory-store.ts'
import type { Checkpoint, Store, StoredPart } from './store.ts'
import { createWriteBehind } from './write-behind.ts'

function part(start: number, value: number): StoredPart {
  return { tier: 'minute', start, part: 'totals', bytes: Uint8Array.of(value) }
}

function checkpoint(fields: Partial<Checkpoint>): Checkpoint {
  return { offset: 1, state: Uint8Array.of(), segments: [], parts: [], ...fields }
}

interface Writing {
  site: string
  checkpoint: Checkpoint
  finish(): Promise<void>
  fail(): void
}

/** Creates a store. The test finishes or fails its writes. */
function setUp() {
  const memory = createMemoryStore()
  const writing: Writing[] = []
  const store = createWriteBehind({
    ...memory,
    commit: (site, each) =>
      new Promise((resolve, reject) => {
        writing.push({
          ...{ site, checkpoint: each },
          async finish() {
            await memory.commit(site, each)
            resolve()
          },
          fail: () => reject(new LogUnavailableError('The disk is full')),
        })
      }),
  })
  /** Resolves with the only checkpoint that is being written. */
  async function next(): Promise<Writing> {
    await new Promise(resolve => setImmediate(resolve))
    const [only, ...others] = writing.splice(0)
    if (!only || others.length > 0)
      throw new Error(`Expected one write, and there are ${only ? 1 + others.length : 0}.`)
    return only
  }
  return { store, next, writing }
}

function valuesOf(store: Store, site = 'shop'): (readonly [number, number | undefined])[] {
  const rows = store.read(site, 'minute', 'totals', 0, 1000)
  return rows.map(({ start, bytes }) => [start, bytes[0]] as const)
}

describe('createWriteBehind', () => {
  it('merges unwritten parts into the results of read, by site, tier, part and range', async () => {
    const { store, next } = setUp()
    const first = store.commit('shop', checkpoint({ parts: [part(100, 1), part(300, 3)] }))
    await (await next()).finish()
    await first
    const hour = { ...part(100, 9), tier: 'hour' }
    const paths = { ...part(100, 8), part: 'path' }
    const laterCommit = store.commit(
      'shop',
      checkpoint({ parts: [part(200, 2), part(300, 4), hour, paths] }),
    )
    const rows = [
      [100, 1],
      [200, 2],
      [300, 4],
    ]
    expect(valuesOf(store)).toEqual(rows)
    expect(store.read('shop', 'minute', 'totals', 200, 300)).toEqual([part(200, 2)])
    expect(valuesOf(store, 'blog')).toEqual([])
    await (await next()).finish()
    await laterCommit
    expect(valuesOf(store)).toEqual(rows)
  })

  it('includes unwritten incomplete ranges in completeFrom, also after a failed write', async () => {
    const { store, next } = setUp()
    const completeFrom = (): number[] =>
      ['minute', 'hour'].map(tier => store.completeFrom('shop', tier))
    const failing = store.commit(
      'shop',
      checkpoint({ incomplete: [{ tier: 'minute', before: 300 }] }),
    )
    const failedWrite = await next()
    expect(completeFrom()).toEqual([300, -Infinity])
    failedWrite.fail()
    await expect(failing).rejects.toThrow(LogUnavailableError)
    expect(completeFrom()).toEqual([300, -Infinity])
    const last = store.commit('shop', checkpoint({ incomplete: [{ tier: 'hour', before: 200 }] }))
    expect(completeFrom()).toEqual([300, 200])
    await (await next()).finish()
    await last
    expect(completeFrom()).toEqual([300, 200])
  })

  it('writes one checkpoint of a site at a time, and merges those that wait', async () => {
    const { store, next } = setUp()
    const all = [1, 2, 3].map(value =>
      store.commit('shop', checkpoint({ offset: value, parts: [part(value, value)] })),
    )
    const first = await next()
    expect(first.checkpoint).toMatchObject({
      offset: 3,
      parts: [part(1, 1), part(2, 2), part(3, 3)],
    })
    const later = store.commit('shop', checkpoint({ offset: 4, parts: [part(3, 30)] }))
    expect(valuesOf(store).at(-1)).toEqual([3, 30])
    await first.finish()
    await Promise.all(all)
    const second = await next()
    expect(second.checkpoint).toMatchObject({ offset: 4, parts: [part(3, 30)] })
    await second.finish()
    await later
  })

  it('writes several sites at the same time', async () => {
    const { store, writing } = setUp()
    const all = ['shop', 'blog'].map(site => store.commit(site, checkpoint({})))
    await new Promise(resolve => setImmediate(resolve))
    expect(writing.map(({ site }) => site)).toEqual(['shop', 'blog'])
    for (const each of writing) await each.finish()
    await Promise.all(all)
  })

  it('rejects a failed commit, still reads its parts, and merges it into the next checkpoint', async () => {
    const { store, next } = setUp()
    const segment = { table: 'clients', id: 1, bytes: Uint8Array.of(1) }
    const failing = store.commit(
      'shop',
      checkpoint({ offset: 5, segments: [segment], parts: [part(1, 1), part(2, 2)] }),
    )
    const failedWrite = await next()
    // A checkpoint that arrives during a write replaces its parts as well.
    const meanwhile = store.commit('shop', checkpoint({ offset: 6, parts: [part(2, 20)] }))
    failedWrite.fail()
    await expect(failing).rejects.toThrow(LogUnavailableError)
    expect(valuesOf(store)).toEqual([
      [1, 1],
      [2, 20],
    ])
    const again = await next()
    expect(again.checkpoint).toMatchObject({ offset: 6, parts: [part(1, 1), part(2, 20)] })
    again.fail()
    await expect(meanwhile).rejects.toThrow(LogUnavailableError)
    const deleted = { ...segment, bytes: undefined }
    const last = store.commit('shop', checkpoint({ offset: 7, segments: [deleted] }))
    const final = await next()
    expect(final.checkpoint).toEqual({
      ...{ offset: 7, state: Uint8Array.of() },
      segments: [deleted],
      parts: [part(1, 1), part(2, 20)],
      incomplete: [],
    })
    await final.finish()
    await last
    expect([...store.sites()]).toMatchObject([{ site: 'shop', offset: 7 }])
    expect(valuesOf(store).length).toBe(2)
  })
})
