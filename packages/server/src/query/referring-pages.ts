import { type BreakdownRow, type BreakdownTable, sumRows } from '../rollup/bucket/breakdown.ts'
import { toTaggedPlace } from '../ingest/source.ts'
import { pageSeparator } from '../rollup/event.ts'

/** The part of a table that becomes rows of an answer. */
export type CountedNames = Pick<BreakdownTable, 'rows' | 'other'>

/**
 * Returns the counts by referring page, of a table that counts by source and page.
 * @param referrer the only source, by its name or as events name it: `www.facebook.com` is `facebook.com`. Pages that found no room in the table belong to no known source, so they are left
 * out. @default all sources
 */
export function toReferringPages(
  { rows, other }: CountedNames,
  referrer: string | undefined,
): CountedNames {
  const sources = referrer === undefined ? undefined : [referrer, toTaggedPlace(referrer).source]
  const pages = new Map<string, BreakdownRow>()
  for (const [name, row] of rows) {
    const end = name.indexOf(pageSeparator)
    if (sources && !sources.includes(name.slice(0, end))) continue
    const page = name.slice(end + pageSeparator.length)
    const known = pages.get(page)
    pages.set(page, known ? sumRows([known, row]) : row)
  }
  return { rows: pages, other: referrer === undefined ? other : sumRows([]) }
}
