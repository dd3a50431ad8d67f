import { expect, it } from 'vitest'
import { sendUniqueEvents } from './high-cardinality.ts'

it(
  'Server: counts 100,000 visitors and unique paths and names within its bounds',
  { timeout: 60_000 },
  async () => {
    const events = 100_000
    const { paths, names, pathRows, visitors, memoryMiB } = await sendUniqueEvents(events)
    expect([paths, names, pathRows]).toEqual([events / 2, events, 1001])
    expect(Math.abs(visitors / events - 1)).toBeLessThan(0.03)
    expect(memoryMiB).toBeLessThan(300)
  },
)
