import type { Recovery } from '../index.ts'
import { formatCount } from './text.ts'

/** Describes the lost data of an event log and its history in sentences; an empty list when nothing is lost. */
export function describeDamage({
  lostWrites,
  isTorn,
  damagedParts,
}: Pick<Recovery, 'lostWrites' | 'isTorn' | 'damagedParts'>): string[] {
  const writes = lostWrites === 1 ? 'write is' : 'writes are'
  const lost = `${formatCount(lostWrites)} ${writes} corrupt and skipped: the machine lost power, or its disk is failing.`
  const torn =
    'The last write is incomplete and skipped: the server was killed during the write, or the machine lost power.'
  return [
    ...(lostWrites > 0 ? [lost] : []),
    ...(isTorn ? [torn] : []),
    ...describeParts(damagedParts),
  ]
}

function describeParts(damagedParts: Recovery['damagedParts']): string[] {
  const bySite = Map.groupBy(damagedParts, ({ site }) => site)
  return [...bySite].map(([site, parts]) => {
    const tiers = [...new Set(parts.map(({ tier }) => `${tier}s`))].join(', ')
    const buckets = new Set(parts.map(({ tier, start }) => `${tier} ${start}`)).size
    const start = Math.min(...parts.map(part => part.start))
    const from = start === 0 ? '' : `, the first at ${new Date(start).toISOString().slice(0, 16)}Z`
    return (
      `History of site '${site}' is damaged in ${formatCount(buckets)} of its ${tiers}${from}; ` +
      'these numbers are missing.'
    )
  })
}
