import { expect, it } from 'vitest'
import { surviveCrashes } from './crashes.ts'
import { flip, tear } from './damage.ts'

it.each([
  ['a hundred times', undefined],
  ['a hundred times, each with a torn tail of the log', tear],
  ['a hundred times, each with a flipped bit in the tail of the log', flip],
])('kill -9 %s: every event is counted once, none twice', async (_, damage) => {
  const { sent, counted } = await surviveCrashes(100, damage)
  expect(counted).toBe(sent)
})
