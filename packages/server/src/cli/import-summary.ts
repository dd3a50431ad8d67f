import type { ImportResult } from '../import/import.ts'
import {
  formatLineCounts,
  formatRow,
  formatTimeRange,
  formatUnlistedHosts,
} from './summary-rows.ts'
import { formatCount } from './text.ts'

/**
 * Formats the result of an import for a terminal: lines by kind, imported page views, and speed.
 * @param listsUnparsed whether the parse errors are listed
 */
export function formatImportSummary(result: ImportResult, listsUnparsed: boolean): string[] {
  const { lines, alreadyImportedLines, pageViews, botViews, unlistedHostViews } = result
  const seconds = result.durationMs / 1000
  const rate = seconds > 0 ? Math.round(lines / seconds) : 0
  return [
    formatRow('Lines', lines, formatTimeRange(result)),
    ...(alreadyImportedLines > 0 ? [formatRow('  already imported', alreadyImportedLines)] : []),
    ...formatLineCounts(result, listsUnparsed),
    ...formatUnlistedHosts(unlistedHostViews),
    formatRow('Imported page views', result.accepted),
    formatRow('  of people', pageViews - botViews - unlistedHostViews),
    formatRow('  of bots', botViews),
    ...(result.hasUnfinishedLine ? ['The last line is incomplete. The next import reads it.'] : []),
    `${result.interrupted ? 'Interrupted after' : 'Finished in'} ${seconds.toFixed(1)} s ` +
      `(${formatCount(rate)} lines per second).`,
  ]
}
