import { expect, it, vi } from 'vitest'
import { inTurns } from './turns.ts'

function spend(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

it('takes everything in order, and lets others have their turns while it takes long', async () => {
  const said: string[] = []
  const others = vi.fn<() => void>(() => void said.push('other'))
  const taken = inTurns(['a', 'b', 'c'], each => {
    said.push(each)
    setImmediate(others)
    spend(5)
  })
  await taken
  expect(said).toEqual(['a', 'other', 'b', 'other', 'c', 'other'])
})

it('is done at once when it does not take long', async () => {
  const said: string[] = []
  setImmediate(() => said.push('other'))
  await inTurns(['a', 'b', 'c'], each => void said.push(each))
  expect(said).toEqual(['a', 'b', 'c'])
})
