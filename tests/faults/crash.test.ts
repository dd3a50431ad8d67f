import { expect, it } from 'vitest'
import { countAfterCrashes } from './crashes.ts'
import { flipLogBit, truncateLog } from './damage.ts'

const timeoutMs = 60_000

it(
  'Server: counts every event with a 202 answer once when kill -9 hits ingest or a checkpoint',
  { timeout: timeoutMs },
  async () => {
    const { sent, counted } = await countAfterCrashes(3)
    expect(counted).toBe(sent)
  },
)

it.each([
  ['truncated', truncateLog],
  ['changed by one bit', flipLogBit],
])(
  'Server: reports that the end of the log is %s, counts the events before it once, and counts repeated events',
  { timeout: timeoutMs },
  async (_, damage) => {
    const { sent, counted } = await countAfterCrashes(1, damage)
    expect(counted).toBe(sent)
  },
)
