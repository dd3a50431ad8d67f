import type { ReplayResult } from '../replay/replay.ts'
import { formatLineCounts, formatRow, formatTimeRange } from './summary-rows.ts'
import { formatCount, toPrintable } from './text.ts'

/** Formats the result of a replay for a terminal: lines by kind, page views by outcome, and speed. */
export function formatReplaySummary(result: ReplayResult): string[] {
  const { lines } = result
  const seconds = result.durationMs / 1000
  const rate = seconds > 0 ? result.accepted / seconds : 0
  return [
    formatRow('Lines', lines, formatTimeRange(result)),
    ...formatLineCounts(result),
    formatRow('Sent page views', result.sent, formatRequests(result)),
    formatRow('  accepted', result.accepted),
    formatRow('  rejected', sum(result.rejected), formatReasons(result.rejected)),
    formatRow('  failed', sum(result.failed), formatReasons(result.failed)),
    ...(result.unsent > 0 ? [formatRow('Unsent or unanswered', result.unsent)] : []),
    `${result.interrupted ? 'Interrupted after' : 'Finished in'} ${seconds.toFixed(1)} s ` +
      `(${formatCount(Math.round(rate))} page views per second).`,
  ]
}

function formatRequests({ requests, retries }: ReplayResult): string {
  const retryNote = retries > 0 ? `, including ${formatCount(retries)} retries` : ''
  return `in ${formatCount(requests)} requests${retryNote}`
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
