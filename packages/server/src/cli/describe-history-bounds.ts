import type { HistoryBoundsViolation } from '../index.ts'
import { formatDuration } from '../shared/duration.ts'

/** Options of `createTidemark({ history })` with their options of the command line. */
const flagNames = {
  'retentionMs.minute': '--keep-minutes',
  'retentionMs.hour': '--keep-hours',
  'retentionMs.day': '--keep-days',
  sessionGapMs: '--session-gap',
} as const

/** Describes a history option out of its bounds: `--session-gap: 2d is too long; use 1m to 1d.` */
export function describeHistoryBounds(violation: HistoryBoundsViolation): string {
  const { option, ms, minMs, maxMs = Infinity, finerTier } = violation
  const min = formatDuration(minMs)
  const problem =
    finerTier !== undefined
      ? `shorter than ${flagNames[`retentionMs.${finerTier}`]}`
      : ms > maxMs
        ? 'too long'
        : 'too short'
  const atLeast = minMs === Infinity ? min : `at least ${min}`
  const range = maxMs === Infinity ? atLeast : `${min} to ${formatDuration(maxMs)}`
  return `${flagNames[option]}: ${formatDuration(ms)} is ${problem}; use ${range}.`
}
