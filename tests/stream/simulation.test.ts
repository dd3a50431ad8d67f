import { afterEach, it, vi } from 'vitest'
import { checkSimulations } from './simulation.ts'

afterEach(() => {
  vi.useRealTimers()
})

it('Live client: shows the state that the server published at its cursor, and catches up', async () => {
  await checkSimulations(60)
}, 60_000)
