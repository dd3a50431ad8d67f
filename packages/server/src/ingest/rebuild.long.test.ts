import { expect, it } from 'vitest'
import { fuzzRebuild } from './testing/fuzz-rebuild.ts'

const addresses = 1_000_000

it('rebuildEvents: returns the events of decide for a million random addresses', () => {
  const { difference, events } = fuzzRebuild(addresses, Date.now() >>> 0)
  expect(difference).toBeUndefined()
  expect(events).toBeGreaterThan(addresses / 4)
})
