import { expect, it } from 'vitest'
import { fuzz } from './fuzz.ts'
import { targets } from './targets.ts'

it.each(Object.entries(targets))('Server: survives any text as %s', async (_, open) => {
  const { refused, longestTurnMs, growthMiB } = await fuzz(await open(), 100)
  expect(refused).toEqual([])
  expect(longestTurnMs).toBeLessThan(50)
  expect(growthMiB).toBeLessThan(16)
})
