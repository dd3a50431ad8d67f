import type { ImportResult } from '../import/import.ts'
import { contentRows, formatSpan, row } from './summary-rows.ts'
import { formatCount } from './text.ts'

/** What an import came to, for a person: what was in the log, what of it is history now, how fast. */
export function formatImportSummary(result: ImportResult): string[] {
  const { lines, alreadyImportedLines, pageViews, botViews } = result
  const seconds = result.durationMs / 1000
  const rate = seconds > 0 ? Math.round(lines / seconds) : 0
  return [
    row('Lines', lines, formatSpan(result)),
    ...(alreadyImportedLines > 0 ? [row('  imported before', alreadyImportedLines)] : []),
    ...contentRows(result),
    row('Page views kept', result.accepted),
    row('  of people', pageViews - botViews),
    row('  of bots', botViews),
    ...(result.hasUnfinishedLine
      ? ['The last line has no end yet and is left for the next import.']
      : []),
    `${result.interrupted ? 'Interrupted after' : 'Took'} ${seconds.toFixed(1)} s: ` +
      `${formatCount(rate)} lines a second.`,
  ]
}
