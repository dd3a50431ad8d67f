import type { DatabaseSync } from 'node:sqlite'
import type { DamagedParts } from './store.ts'

/** Called once for each damage that is found. */
export type OnDamage = (damaged: DamagedParts) => void

/** After the start of every bucket, in milliseconds since 1970. */
export const endOfTime = 8.64e15

/** Entries of one site and part. Further ones extend the last entry, so that a failing disk takes no memory. */
const maxEntries = 1000

/** Damaged buckets by site: those of earlier starts, and those that have been found since. */
export interface DamageRegister {
  /** Adds a damage, unless it is known. */
  add(damaged: DamagedParts): void
  of(site: string): readonly DamagedParts[]
}

export function createDamageRegister(database: DatabaseSync, onAdded: OnDamage): DamageRegister {
  const bySite = new Map<string, DamagedParts[]>()

  function listOf(site: string): DamagedParts[] {
    const known = bySite.get(site) ?? []
    bySite.set(site, known)
    return known
  }

  const rows = database.prepare('SELECT site, tier, part, start, "end" FROM damaged').all()
  for (const row of rows) {
    const [site, tier, part] = ['site', 'tier', 'part'].map(name => String(row[name]))
    if (site === undefined || tier === undefined || part === undefined) continue
    listOf(site).push({ site, tier, part, start: Number(row['start']), end: Number(row['end']) })
  }

  return {
    add(damaged) {
      const list = listOf(damaged.site)
      const sameParts = list.filter(
        ({ tier, part }) => tier === damaged.tier && part === damaged.part,
      )
      const isKnown = sameParts.some(
        ({ start, end }) => start <= damaged.start && damaged.end <= end,
      )
      if (isKnown) return
      const last = sameParts.at(-1)
      if (sameParts.length < maxEntries || !last) {
        list.push(damaged)
        onAdded(damaged)
        return
      }
      const start = Math.min(last.start, damaged.start)
      const extended = { ...damaged, start, end: Math.max(last.end, damaged.end) }
      list[list.indexOf(last)] = extended
      onAdded(extended)
    },
    of: site => bySite.get(site) ?? [],
  }
}
