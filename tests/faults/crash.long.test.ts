import { expect, it } from 'vitest'
import { countAfterCrashes } from './crashes.ts'
import { flipLogBit, truncateLog } from './damage.ts'

it.each([
  ['a hundred times', undefined],
  ['a hundred times, each with a torn tail of the log', truncateLog],
  ['a hundred times, each with a flipped bit in the tail of the log', flipLogBit],
])('kill -9 %s: every event is counted once, none twice', async (_, damage) => {
  const { sent, counted } = await countAfterCrashes(100, damage)
  expect(counted).toBe(sent)
})
