import { expect, it } from 'vitest'
import { countAfterCrashes } from './crashes.ts'
import { flipLogBit, truncateLog } from './damage.ts'

it.each([
  ['a hundred kills', undefined],
  ['a hundred kills that each truncate the log', truncateLog],
  ['a hundred kills that each flip a bit at the end of the log', flipLogBit],
])('Server: counts every event once after %s', async (_, damage) => {
  const { sent, counted } = await countAfterCrashes(100, damage)
  expect(counted).toBe(sent)
})
