import { expect, it } from 'vitest'
import { countAfterCrashes } from './crashes.ts'
import { flipLogBit, truncateLog } from './damage.ts'

const timeoutMs = 60_000

it(
  'kill -9 at random moments of ingest and checkpoint: every event that got 202 is counted once, none twice',
  { timeout: timeoutMs },
  async () => {
    const { sent, counted } = await countAfterCrashes(8)
    expect(counted).toBe(sent)
  },
)

it.each([
  ['a torn tail', truncateLog],
  ['a flipped bit in the tail', flipLogBit],
])(
  '%s of the log: what is before it is counted once, it is told, and what was lost counts when it comes again',
  { timeout: timeoutMs },
  async (_, damage) => {
    const { sent, counted } = await countAfterCrashes(4, damage)
    expect(counted).toBe(sent)
  },
)
