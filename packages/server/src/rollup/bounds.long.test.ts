import { historyDimensionNames } from '@tidemark/protocol'
import { expect, it } from 'vitest'
import { runToCompletion } from '../shared/cooperative-task.ts'
import { defaultBounds } from './bounds.ts'
import { decodeBreakdown, defaultBucketBounds } from './bucket/parts.ts'
import { createSiteState } from './site.ts'
import { batch, event } from './testing/site-state.ts'

const names = 10_000_000
const perBatch = 10_000

it(
  'SiteState: holds its bounds and exact sums for ten million names',
  { timeout: 1_200_000 },
  () => {
    const state = createSiteState()
    for (let first = 0; first < names; first += perBatch) {
      const events = Array.from({ length: perBatch }, (_, index) => {
        const name = `/${first + index}`
        return event({ visitor: `v${index % 100}`, path: name, properties: ['page', name] })
      })
      state.apply(batch(first / perBatch + 1, events))
    }
    const { maxBreakdownRows } = defaultBounds
    for (const dimension of historyDimensionNames) {
      for (const { bytes } of runToCompletion(
        state.history.tiers.read('hour', dimension, 0, 9e15),
      )) {
        const { rows } = runToCompletion(decodeBreakdown(bytes, defaultBucketBounds))
        expect(rows.size).toBeLessThanOrEqual(maxBreakdownRows)
      }
    }
    const [path] = runToCompletion(state.history.tiers.read('hour', 'path', 0, 9e15))
    const table = path && runToCompletion(decodeBreakdown(path.bytes, defaultBucketBounds))
    const listed = [...(table?.rows.values() ?? [])].reduce((sum, { count }) => sum + count, 0)
    expect(listed + (table?.other.count ?? 0)).toBe(names)
    // All names together take a gigabyte.
    expect(process.memoryUsage().heapUsed).toBeLessThan(500_000_000)
  },
)
