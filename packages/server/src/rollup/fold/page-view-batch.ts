import { type OverflowCounts, countOverflow } from '../bounds.ts'
import type { BreakdownRow, BreakdownTable } from '../bucket/breakdown.ts'
import type { Hash } from '../sketch/hash.ts'

/**
 * Counts the pages of a record's page views in two passes: it looks up all rows first, and then updates them. The rows
 * are far apart in memory; with nothing else between two updates, the processor fetches several rows at once.
 */
export interface PageViewBatch {
  /** Collects a page view for the breakdown `byPath`. */
  add(byPath: BreakdownTable, path: string, visitor: Hash): void
  /** Counts the collected page views. */
  flush(): void
}

export function createPageViewBatch(overflow: OverflowCounts): PageViewBatch {
  const views: { byPath: BreakdownTable; path: string; visitor: Hash }[] = []
  const rows: BreakdownRow[] = []

  function flush(): void {
    for (let index = 0; index < views.length; index++) {
      const view = views[index]
      if (view) rows.push(view.byPath.rowFor(view.path))
    }
    for (let index = 0; index < views.length; index++) {
      const row = rows[index]
      const view = views[index]
      if (!row || !view) continue
      row.count++
      row.visitors.add(view.visitor)
    }
    // Trimming earlier could evict a row that is still to be counted. Most records have page views of one minute only,
    // so comparing with the previous breakdown avoids most repeated calls.
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
