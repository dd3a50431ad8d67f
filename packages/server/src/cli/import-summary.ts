import { lineErrors } from '../access-log/entry.ts'
import type { ImportResult } from '../import/import.ts'
import { formatCount, formatTime } from './text.ts'

/** What an import came to, for a person: what was in the log, what of it is history now, how fast. */
export function formatImport(result: ImportResult): string[] {
  const { lines, knownLines, unparsedLines, firstUnparsed, blankLines, pageViews, botViews } =
    result
  const seconds = result.durationMs / 1000
  const rate = seconds > 0 ? Math.round(lines / seconds) : 0
  return [
    row('Lines', lines, formatSpan(result)),
    ...(knownLines > 0 ? [row('  imported before', knownLines)] : []),
    row('  page views', pageViews),
    row('  assets and feeds', result.assets),
    row('  redirects', result.redirects),
    row('  failed requests', result.failedRequests),
    row('  other methods', result.otherMethods),
    row('  not parsed', unparsedLines),
    ...firstUnparsed.map(({ line, error }) => `      line ${line}: ${lineErrors[error]}`),
    ...(unparsedLines > firstUnparsed.length
      ? [`      and ${formatCount(unparsedLines - firstUnparsed.length)} more`]
      : []),
    ...(blankLines > 0 ? [row('  blank', blankLines)] : []),
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

function row(name: string, count: number, note = ''): string {
  return `${name.padEnd(24)}${formatCount(count).padStart(12)}${note && `   ${note}`}`
}

function formatSpan({ earliestAt, latestAt }: ImportResult): string {
  if (earliestAt === undefined || latestAt === undefined) return ''
  return `${formatTime(earliestAt)} to ${formatTime(latestAt)}`
}
