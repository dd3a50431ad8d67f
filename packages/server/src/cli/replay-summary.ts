import type { ReplayResult } from '../replay/replay.ts'
import { contentRows, formatSpan, row } from './summary-rows.ts'
import { formatCount, toPrintable } from './text.ts'

/** What a replay came to, for a person: what was in the log, what became of its page views, how fast. */
export function formatReplaySummary(result: ReplayResult): string[] {
  const { lines } = result
  const seconds = result.durationMs / 1000
  const rate = seconds > 0 ? result.accepted / seconds : 0
  return [
    row('Lines', lines, formatSpan(result)),
    ...contentRows(result),
    row('Page views sent', result.sent, formatRequests(result)),
    row('  accepted', result.accepted),
    row('  rejected', sum(result.rejected), formatReasons(result.rejected)),
    row('  failed', sum(result.failed), formatReasons(result.failed)),
    ...(result.unsent > 0 ? [row('Not sent or not answered', result.unsent)] : []),
    `${result.interrupted ? 'Interrupted after' : 'Took'} ${seconds.toFixed(1)} s: ` +
      `${formatCount(Math.round(rate))} page views a second.`,
  ]
}

function formatRequests({ requests, retries }: ReplayResult): string {
  const again = retries > 0 ? `, ${formatCount(retries)} of them again` : ''
  return `in ${formatCount(requests)} requests${again}`
}

function formatReasons(counts: Record<string, number>): string {
  return Object.entries(counts)
    .toSorted((a, b) => b[1] - a[1])
    .map(([reason, count]) => `${toPrintable(reason)} ${formatCount(count)}`)
    .join(', ')
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
