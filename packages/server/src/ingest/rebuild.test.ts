import { expect, it } from 'vitest'
import { fuzzRebuild } from './testing/fuzz-rebuild.ts'

it('rebuildEvents: returns the events of decide for random addresses, from the logged body', () => {
  const { difference, events } = fuzzRebuild(6000, 1)
  expect(difference).toBeUndefined()
  expect(events).toBeGreaterThan(6000 / 4)
})
