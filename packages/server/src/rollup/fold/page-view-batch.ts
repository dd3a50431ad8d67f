import { type OverflowCounts, countOverflow } from '../bounds.ts'
import type { BreakdownTable, BreakdownRow } from '../bucket/breakdown.ts'
import type { Hash } from '../sketch/hash.ts'

/**
 * Counts the pages of a record's views together: it finds the rows of all, and then counts in all. What is
 * known of a page is far apart in memory, and as nothing else is done between one page and the next, a processor
 * fetches what it needs for several at once.
 */
export interface PageViewBatch {
  /** Takes a view of a page, to be counted in a breakdown. */
  add(byPath: BreakdownTable, path: string, visitor: Hash): void
  /** Counts what was taken. */
  flush(): void
}

export function createPageViewBatch(overflow: OverflowCounts): PageViewBatch {
  const views: { byPath: BreakdownTable; path: string; visitor: Hash }[] = []
  const rows: BreakdownRow[] = []

  function flush(): void {
    for (let at = 0; at < views.length; at++) {
      const view = views[at]
      if (view) rows.push(view.byPath.rowFor(view.path))
    }
    for (let at = 0; at < views.length; at++) {
      const row = rows[at]
      const view = views[at]
      if (!row || !view) continue
      row.count++
      row.visitors.add(view.visitor)
    }
    // Only now, as a row that went must not be counted in. The views of a record are mostly of one minute.
    let last: BreakdownTable | undefined
    for (const { byPath } of views) {
      if (byPath !== last) countOverflow(overflow, 'names', byPath.trimWhenFull())
      last = byPath
    }
    views.length = 0
    rows.length = 0
  }

  return {
    add(byPath, path, visitor) {
      views.push({ byPath, path, visitor })
    },
    flush,
  }
}
