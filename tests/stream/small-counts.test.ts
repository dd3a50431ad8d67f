import { it } from 'vitest'
import { checkSmallCounts } from './small-counts.ts'

it('Small counts: never reach a reader of any transport, whose states are those of snapshots', async () => {
  await checkSmallCounts(15)
}, 30_000)
