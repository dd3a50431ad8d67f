import { afterEach, it, vi } from 'vitest'
import { checkLives } from './life.ts'

afterEach(() => {
  vi.useRealTimers()
})

it('a reader holds what the server published at its cursor, through ten thousand lives', async () => {
  await checkLives(10_000)
}, 3_600_000)
