import { type BreakdownRow, type BreakdownTable, sumRows } from '../rollup/bucket/breakdown.ts'
import { pageSeparator } from '../rollup/event.ts'

/** The part of a table that becomes rows of an answer. */
export type CountedNames = Pick<BreakdownTable, 'rows' | 'other'>

/**
 * Returns the counts by referring page, of a table that counts by source and page.
 * @param referrer the only source. Pages that found no room in the table belong to no known source, so they are left
 * out. @default all sources
 */
export function toReferringPages(
  { rows, other }: CountedNames,
  referrer: string | undefined,
): CountedNames {
  const pages = new Map<string, BreakdownRow>()
  for (const [name, row] of rows) {
    const end = name.indexOf(pageSeparator)
    if (referrer !== undefined && name.slice(0, end) !== referrer) continue
    const page = name.slice(end + pageSeparator.length)
    const known = pages.get(page)
    pages.set(page, known ? sumRows([known, row]) : row)
  }
  return { rows: pages, other: referrer === undefined ? other : sumRows([]) }
}
