import { expect, it } from 'vitest'
import { fuzz } from './fuzz.ts'
import { targets } from './targets.ts'

it.each(Object.entries(targets))('Server: survives any 20,000 texts as %s', async (_, open) => {
  const { refused, longestTurnMs, growthMiB } = await fuzz(await open(), 20_000)
  expect(refused).toEqual([])
  expect(longestTurnMs).toBeLessThan(50)
  expect(growthMiB).toBeLessThan(16)
})
