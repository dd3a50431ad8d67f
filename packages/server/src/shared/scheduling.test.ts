import { describe, expect, it } from 'vitest'
import { enqueue, runCooperatively } from './scheduling.ts'

function spend(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

it('runCooperatively: runs the steps in order, and lets the event loop run between long ones', async () => {
  const order: string[] = []
  const result = await runCooperatively(
    (function* () {
      for (const each of ['a', 'b', 'c']) {
        order.push(each)
        setImmediate(() => order.push('other'))
        spend(5)
        yield
      }
      return 'done'
    })(),
  )
  expect(result).toBe('done')
  expect(order).toEqual(['a', 'other', 'b', 'other', 'c', 'other'])
})

it('runCooperatively: runs a short task synchronously', async () => {
  const order: string[] = []
  setImmediate(() => order.push('other'))
  const done = runCooperatively(
    (function* () {
      for (const each of ['a', 'b']) {
        order.push(each)
        yield
      }
    })(),
  )
  expect(order).toEqual(['a', 'b'])
  await done
  expect(order).toEqual(['a', 'b'])
})

it('runCooperatively: rejects with the error of a step', async () => {
  const failure = new Error('failure of the test')
  const failing = runCooperatively(
    (function* () {
      yield
      throw failure
    })(),
  )
  await expect(failing).rejects.toBe(failure)
})

describe('enqueue', () => {
  it('runs the first job synchronously, and lets the event loop run between many jobs', async () => {
    const order: string[] = []
    setImmediate(() => order.push('other'))
    const all = ['a', 'b', 'c', 'd'].map(name =>
      enqueue(() => {
        order.push(name)
        spend(2)
        return name
      }),
    )
    expect(order).toEqual(['a'])
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'])
    expect(order.indexOf('other')).toBeLessThan(order.indexOf('c'))
    expect(order.filter(each => each !== 'other')).toEqual(['a', 'b', 'c', 'd'])
  })

  it('keeps the call order of jobs, also of jobs that arrive while others wait', async () => {
    const order: string[] = []
    let turns = 0
    let isOver = false
    const count = (): void => {
      turns++
      if (!isOver) setImmediate(count)
    }
    setImmediate(count)
    await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        await enqueue(() => order.push(`begin ${index}`))
        spend(1.5)
        await enqueue(() => order.push(`end ${index}`))
      }),
    )
    isOver = true
    for (const phase of ['begin', 'end']) {
      expect(order.filter(each => each.startsWith(phase))).toEqual(
        Array.from({ length: 10 }, (_, index) => `${phase} ${index}`),
      )
    }
    // The event loop ran in between, although the caller's own turn ran some of the jobs.
    expect(turns).toBeGreaterThan(3)
  })

  it('rejects with the error of a job, and runs the next job', async () => {
    const failure = new Error('failure of the test')
    const failing = enqueue(() => {
      throw failure
    })
    await expect(failing).rejects.toBe(failure)
    expect(await enqueue(() => 'done')).toBe('done')
  })
})
