import type { DamagedParts } from './store.ts'

/** Describes damaged buckets by site, tier and time, such as "the minute 2026-03-10T12:00Z of site 'shop' (path)". */
export function formatDamagedParts({ site, tier, part, start, end }: DamagedParts): string {
  const [from, to] = [toTime(start), toTime(end)]
  const isOne = end === start + 1
  const isUnknown = start === 0 && to === undefined
  const times = isUnknown
    ? `some ${tier}s`
    : isOne
      ? `the ${tier} ${from}`
      : `the ${tier}s from ${from}${to === undefined ? '' : ` to ${to}`}`
  return `${times} of site '${site}' (${part})`
}

/** @returns `undefined` for a time that no calendar has, the end of an unlimited range */
function toTime(at: number): string | undefined {
  return at < Date.UTC(9999, 0) ? `${new Date(at).toISOString().slice(0, 16)}Z` : undefined
}
