import { expect, it } from 'vitest'
import { sendUniqueEvents } from './high-cardinality.ts'

const timeoutMs = 1_800_000

it(
  'Server: counts ten million visitors and unique paths and names within its bounds',
  async () => {
    const events = 10_000_000
    const { paths, names, pathRows, visitors, memoryMiB } = await sendUniqueEvents(events)
    console.log(`peak memory: ${Math.round(memoryMiB)} MiB, visitors: ${visitors}`)
    expect([paths, names, pathRows]).toEqual([events / 2, events, 1001])
    expect(Math.abs(visitors / events - 1)).toBeLessThan(0.03)
    expect(memoryMiB).toBeLessThan(300)
  },
  timeoutMs,
)
