import { afterEach, it, vi } from 'vitest'
import { checkSimulations } from './simulation.ts'

afterEach(() => {
  vi.useRealTimers()
})

it('Live client: shows the state that the server published at its cursor (6,000 runs)', async () => {
  await checkSimulations(6000)
}, 3_600_000)
