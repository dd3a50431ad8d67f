import { afterEach, it, vi } from 'vitest'
import { checkLives } from './simulation.ts'

afterEach(() => {
  vi.useRealTimers()
})

it('a reader holds what the server published at its cursor, through six thousand lives', async () => {
  await checkLives(6000)
}, 3_600_000)
