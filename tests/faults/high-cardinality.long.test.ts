import { expect, it } from 'vitest'
import { sendUniqueEvents } from './high-cardinality.ts'

it('holds ten million visitors, paths and names within its bounds, and counts them all', async () => {
  const events = 10_000_000
  const { paths, names, pathRows, visitors, memoryMiB } = await sendUniqueEvents(events)
  console.log(`${Math.round(memoryMiB)} MiB in use at most, ${visitors} visitors`)
  expect([paths, names, pathRows]).toEqual([events / 2, events, 1001])
  expect(Math.abs(visitors / events - 1)).toBeLessThan(0.03)
  expect(memoryMiB).toBeLessThan(300)
})
