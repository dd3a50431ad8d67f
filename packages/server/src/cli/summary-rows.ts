import { type LineError, lineErrors } from '../access-log/entry.ts'
import { formatCount, formatTime } from './text.ts'

/** What was in an access log, by what became of its lines. */
export interface LogContent {
  pageViews: number
  assets: number
  redirects: number
  failedRequests: number
  otherMethods: number
  unparsedLines: number
  firstUnparsed: readonly { line: number; error: LineError }[]
  blankLines: number
}

export function row(name: string, count: number, note = ''): string {
  return `${name.padEnd(24)}${formatCount(count).padStart(12)}${note && `   ${note}`}`
}

/** The lines of a log, below the row of all of them. */
export function contentRows(content: LogContent): string[] {
  const { unparsedLines, firstUnparsed, blankLines } = content
  return [
    row('  page views', content.pageViews),
    row('  assets and feeds', content.assets),
    row('  redirects', content.redirects),
    row('  failed requests', content.failedRequests),
    row('  other methods', content.otherMethods),
    row('  not parsed', unparsedLines),
    ...firstUnparsed.map(({ line, error }) => `      line ${line}: ${lineErrors[error]}`),
    ...(unparsedLines > firstUnparsed.length
      ? [`      and ${formatCount(unparsedLines - firstUnparsed.length)} more`]
      : []),
    ...(blankLines > 0 ? [row('  blank', blankLines)] : []),
  ]
}

export function formatSpan(span: {
  earliestAt?: number | undefined
  latestAt?: number | undefined
}): string {
  const { earliestAt, latestAt } = span
  if (earliestAt === undefined || latestAt === undefined) return ''
  return `${formatTime(earliestAt)} to ${formatTime(latestAt)}`
}
