import type { DataEraser } from '../log/sqlite-erase.ts'
import { readTotals } from '../rollup/bucket/totals.ts'
import { hash64 } from '../rollup/sketch/hash.ts'
import { createByteReader } from '../shared/bytes.ts'
import type { People } from './erase-record.ts'

/** The live state has nothing older than sessions of two days; a day more covers the longest day. */
const liveMs = 3 * 24 * 60 * 60 * 1000

/**
 * Returns whether the live state may have one of the people: whether one is among the distinct visitors and users of
 * the last days. Beyond 256 visitors, a stored set cannot exclude an ID, so the result may be `true` for any.
 */
export function mayBeLive(
  eraser: Pick<DataEraser, 'recentParts'>,
  site: string,
  { visitors, users }: People,
): boolean {
  return eraser.recentParts(site, 'totals', liveMs).some(bytes => {
    // A damaged bucket may have anyone.
    if (!bytes) return true
    const totals = readTotals(createByteReader(bytes))
    // `add` reports whether the set lacked the hash. The sets are copies.
    return (
      visitors.some(id => !totals.visitors.add(hash64(id))) ||
      users.some(id => totals.audience && !totals.audience.users.add(hash64(id)))
    )
  })
}
