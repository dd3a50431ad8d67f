import { expect, it } from 'vitest'
import { inTurns } from './turns.ts'

function spend(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

it('does everything in order, and lets others have their turns while it takes long', async () => {
  const said: string[] = []
  const result = await inTurns(
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
  const done = inTurns(
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
  const failing = inTurns(
    (function* () {
      yield
      throw broke
    })(),
  )
  await expect(failing).rejects.toBe(broke)
})
