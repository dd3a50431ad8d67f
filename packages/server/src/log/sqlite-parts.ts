import type { DatabaseSync } from 'node:sqlite'
import { unseal } from './checksum.ts'
import { type DamageRegister, endOfTime } from './damage-register.ts'
import { orDamaged } from './sqlite-damage.ts'
import type { Store, StoredPart } from './store.ts'
import { partKey } from './stored-keys.ts'

/** Reads buckets, and finds damaged ones. */
export interface SqliteParts extends Pick<Store, 'read'> {
  /** Compares the buckets of a site with their tally, which shows lost rows. */
  checkTally(site: string, id: number): void
}

export function createSqliteParts(
  database: DatabaseSync,
  register: Pick<DamageRegister, 'add'>,
): SqliteParts {
  const where = 'site = (SELECT id FROM site WHERE name = ?) AND tier = ? AND part = ?'
  const selectParts = database.prepare(
    `SELECT start, data FROM bucket WHERE ${where} AND start >= ? AND start < ? ORDER BY start LIMIT ?`,
  )
  const selectStarts = database.prepare(
    `SELECT start FROM bucket WHERE ${where} AND start >= ? AND start < ? ORDER BY start LIMIT ?`,
  )
  const selectTally = database.prepare(
    'SELECT tier, part, count, minutes FROM tally WHERE site = ?',
  )
  const countParts = database.prepare(
    `SELECT tier, part, count(*) AS count, sum(start / 60000) AS minutes FROM bucket
     WHERE site = ? GROUP BY tier, part`,
  )

  type Key = readonly [site: string, tier: string, part: string]
  type Row = Record<string, unknown>

  function markDamaged([site, tier, part]: Key, start: number, end: number): void {
    register.add({ site, tier, part, start, end })
  }

  /** Reads rows one by one after a read of all of them has failed, so that only the damaged ones are lost. */
  function readEach(key: Key, from: number, to: number, limit: number): Row[] {
    const starts = orDamaged(() => selectStarts.all(...key, from, to, limit))
    if (!starts) {
      markDamaged(key, from, Math.min(to, endOfTime))
      return []
    }
    return starts.map(row => {
      const start = Number(row['start'])
      // A row without data has no checksum, and is damaged too.
      return orDamaged(() => selectParts.get(...key, start, start + 1, 1)) ?? { start }
    })
  }

  function readRows(key: Key, from: number, to: number, limit: number): Row[] {
    const rows =
      orDamaged(() => selectParts.all(...key, from, to, limit)) ?? readEach(key, from, to, limit)
    // A damaged index returns rows in another order, or rows that were not requested.
    const inOrder = rows.filter(({ start }, index) => {
      const before = index === 0 ? from - 1 : Number(rows[index - 1]?.['start'])
      return Number(start) > before && Number(start) < to
    })
    if (inOrder.length < rows.length) markDamaged(key, Math.max(0, from), Math.min(to, endOfTime))
    return inOrder
  }

  function toPart(key: Key, row: Row): StoredPart | undefined {
    const [site, tier, part] = key
    const start = Number(row['start'])
    const bytes = unseal(partKey(site, tier, part, start), row['data'])
    if (!bytes) markDamaged(key, start, start + 1)
    return bytes && { tier, part, start, bytes }
  }

  return {
    read(site, tier, part, from, to, limit) {
      const key: Key = [site, tier, part]
      const found: StoredPart[] = []
      for (let next = from; ;) {
        // A negative limit is none.
        const missing = limit === undefined ? -1 : limit - found.length
        const rows = readRows(key, next, to, missing)
        found.push(...rows.map(row => toPart(key, row)).filter(each => each !== undefined))
        const last = rows.at(-1)
        // Damaged rows do not count, so others take their places.
        if (limit === undefined || rows.length < missing || found.length >= limit || !last) {
          return found
        }
        next = Number(last['start']) + 1
      }
    },
    checkTally(site, id) {
      const toText = ({ tier, part, count, minutes }: Row): string =>
        JSON.stringify([tier, part, Number(count), Number(minutes)])
      const counted = orDamaged(() => countParts.all(id)) ?? []
      const expected = orDamaged(() => selectTally.all(id)) ?? []
      const texts = [counted, expected].map(rows => new Set(rows.map(toText)))
      const [countedTexts = new Set(), expectedTexts = new Set()] = texts
      for (const row of [...counted, ...expected]) {
        const text = toText(row)
        if (Number(row['count']) === 0 || (countedTexts.has(text) && expectedTexts.has(text)))
          continue
        markDamaged([site, String(row['tier']), String(row['part'])], 0, endOfTime)
      }
    },
  }
}
