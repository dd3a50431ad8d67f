import { createTidemark } from '@tidemark/server'
import {
  type RangeSelection,
  type SiteConfig,
  fetchMetrics,
  previousRange,
  resolveRange,
} from '@tidemark/widgets'
import { afterEach, describe, expect, it } from 'vitest'
import { createManualClock } from '../../packages/server/src/testing/clock.ts'

/** Ranges and their expected buckets, in every combination of the viewer's and the server's time zone. */
const ranges: [RangeSelection, string, number][] = [
  [{ last: '5m' }, 'second', 300],
  [{ last: '60m' }, 'minute', 60],
  [{ last: '6h' }, 'minute', 360],
  [{ last: '24h' }, 'hour', 24],
  [{ last: '7d' }, 'day', 7],
  [{ last: '30d' }, 'day', 30],
  [{ from: '2026-11-01', to: '2026-11-08' }, 'day', 7],
]

const site: SiteConfig = { baseUrl: 'http://stats.example', siteId: 'shop' }

/** Zones without daylight saving, so that the result does not depend on the day of the test. */
const zones = ['UTC', 'Asia/Kathmandu', 'Pacific/Kiritimati', 'Pacific/Pago_Pago']

describe.each(zones)('resolveRange with a server in %s', timeZone => {
  // A clock that moves on between two readings would start another second.
  const clock = createManualClock(Date.UTC(2026, 11, 1, 12, 34, 56))
  const tidemark = createTidemark({ history: { timeZone }, clock })
  const fetch: typeof globalThis.fetch = async (input, init) =>
    tidemark.app.request(String(input), init)
  afterEach(() => tidemark.close())

  it('returns whole ranges, and the ranges before them', async () => {
    await tidemark.ready
    for (const [selection, granularity, count] of ranges) {
      const range = await fetchMetrics(site, { ...resolveRange(selection, clock.now()), fetch })
      expect([selection, range.granularity, range.buckets.length]).toEqual([
        selection,
        granularity,
        count,
      ])
      // Earlier seconds are not stored.
      if (granularity === 'second') continue
      const before = await fetchMetrics(site, { ...previousRange(range), fetch })
      expect([before.to, before.buckets.length]).toEqual([range.from, count])
    }
  })
})
