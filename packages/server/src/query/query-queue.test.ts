import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { CooperativeTask } from '../shared/cooperative-task.ts'
import { type QueryRequest, createQueryQueue } from './query-queue.ts'

const limits = { maxRunning: 2, maxRunningPerSite: 1, maxWaitingPerSite: 2, maxPerNetwork: 3 }

/** Creates a queue, and tasks that run until the test finishes them. */
function setUp() {
  const queue = createQueryQueue<string>(limits)
  const started: string[] = []
  const finished = new Set<string>()

  function* task(key: string): CooperativeTask<string> {
    started.push(key)
    const end = performance.now() + 10_000
    while (!finished.has(key)) {
      if (performance.now() > end) throw new Error(`${key} was not finished.`)
      yield
    }
    return key
  }

  const ask = (key: string, request: Partial<QueryRequest<string>> = {}) =>
    queue.run({
      ...{ site: 'shop', network: undefined, key, signal: new AbortController().signal },
      start: () => task(key),
      ...request,
    })
  return { ask, started, finish: (key: string) => finished.add(key) }
}

describe('QueryQueue', () => {
  it('runs as many queries as allowed for a site and in all, the others in order', async () => {
    const { ask, started, finish } = setUp()
    const answers = [ask('a'), ask('b'), ask('c', { site: 'blog' }), ask('d', { site: 'news' })]
    expect(started).toEqual(['a', 'c'])
    finish('a')
    expect(await answers[0]).toBe('a')
    expect(started).toEqual(['a', 'c', 'b'])
    for (const key of ['b', 'c', 'd']) finish(key)
    expect(await Promise.all(answers.map(async answer => await answer))).toEqual([
      'a',
      'b',
      'c',
      'd',
    ])
  })

  it('computes equal concurrent queries once', async () => {
    const { ask, started, finish } = setUp()
    const answers = [ask('a'), ask('b'), ask('b'), ask('a')]
    finish('a')
    finish('b')
    expect(await Promise.all(answers.map(async answer => await answer))).toEqual([
      'a',
      'b',
      'b',
      'a',
    ])
    expect(started).toEqual(['a', 'b'])
    await ask('a')
    expect(started).toEqual(['a', 'b', 'a'])
  })

  it('refuses queries beyond the waiting ones of a site, and of a network', async () => {
    const { ask, finish } = setUp()
    const network = '192.0.2.1'
    const answers = [ask('a'), ask('b'), ask('c')]
    expect(ask('d')).toBeUndefined()
    const others = ['e', 'f', 'g'].map(key => ask(key, { site: key, network }))
    expect(ask('h', { site: 'h', network })).toBeUndefined()
    expect(ask('a', { network })).toBeUndefined()
    for (const key of ['a', 'b', 'c', 'e', 'f', 'g']) finish(key)
    await Promise.all([...answers, ...others])
    expect(await ask('a', { network })).toBe('a')
  })

  it('ends a query when its last client leaves, also while it waits', async () => {
    const { ask, started, finish } = setUp()
    const first = new AbortController()
    const second = new AbortController()
    const waiting = new AbortController()
    const answers = [
      ask('a', { signal: first.signal }),
      ask('a', { signal: second.signal }),
      ask('b', { signal: waiting.signal }),
      ask('c'),
    ]
    const settled = Promise.allSettled(answers.map(async answer => await answer))
    first.abort()
    waiting.abort()
    await setImmediate()
    expect(started).toEqual(['a'])
    second.abort()
    finish('c')
    const results = await settled
    expect(results.map(({ status }) => status)).toEqual([
      'rejected',
      'rejected',
      'rejected',
      'fulfilled',
    ])
    expect(started).toEqual(['a', 'c'])
  })
})
