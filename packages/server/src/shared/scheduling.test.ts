import { describe, expect, it } from 'vitest'
import { enqueue, runCooperatively } from './scheduling.ts'

function spend(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

it('does everything in order, and lets others have their turns while it takes long', async () => {
  const said: string[] = []
  const result = await runCooperatively(
    (function* () {
      for (const each of ['a', 'b', 'c']) {
        said.push(each)
        setImmediate(() => said.push('other'))
        spend(5)
        yield
      }
      return 'done'
    })(),
  )
  expect(result).toBe('done')
  expect(said).toEqual(['a', 'other', 'b', 'other', 'c', 'other'])
})

it('begins in the turn of its caller, and is done in it when it does not take long', async () => {
  const said: string[] = []
  setImmediate(() => said.push('other'))
  const done = runCooperatively(
    (function* () {
      for (const each of ['a', 'b']) {
        said.push(each)
        yield
      }
    })(),
  )
  expect(said).toEqual(['a', 'b'])
  await done
  expect(said).toEqual(['a', 'b'])
})

it('rejects with what goes wrong', async () => {
  const broke = new Error('It is broken')
  const failing = runCooperatively(
    (function* () {
      yield
      throw broke
    })(),
  )
  await expect(failing).rejects.toBe(broke)
})

describe('small work in one line', () => {
  it('is done at once, and others have their turns when there is much of it', async () => {
    const said: string[] = []
    setImmediate(() => said.push('other'))
    const all = ['a', 'b', 'c', 'd'].map(name =>
      enqueue(() => {
        said.push(name)
        spend(2)
        return name
      }),
    )
    expect(said).toEqual(['a'])
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'])
    expect(said.indexOf('other')).toBeLessThan(said.indexOf('c'))
    expect(said.filter(each => each !== 'other')).toEqual(['a', 'b', 'c', 'd'])
  })

  it('keeps its order, also of what comes while others wait, and counts what follows from it', async () => {
    const said: string[] = []
    let turns = 0
    let isOver = false
    const count = (): void => {
      turns++
      if (!isOver) setImmediate(count)
    }
    setImmediate(count)
    await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        await enqueue(() => said.push(`begin ${index}`))
        spend(1.5)
        await enqueue(() => said.push(`end ${index}`))
      }),
    )
    isOver = true
    for (const what of ['begin', 'end']) {
      expect(said.filter(each => each.startsWith(what))).toEqual(
        Array.from({ length: 10 }, (_, index) => `${what} ${index}`),
      )
    }
    // Some of it was done in the turn of the caller.
    expect(turns).toBeGreaterThan(3)
  })

  it('rejects with what goes wrong, and the next is done', async () => {
    const broke = new Error('It is broken')
    const failing = enqueue(() => {
      throw broke
    })
    await expect(failing).rejects.toBe(broke)
    expect(await enqueue(() => 'done')).toBe('done')
  })
})
