import { afterEach, it, vi } from 'vitest'
import { checkLives } from './simulation.ts'

afterEach(() => {
  vi.useRealTimers()
})

it('a reader holds what the server published at its cursor, at every moment, and all of it in the end', async () => {
  await checkLives(200)
}, 60_000)
