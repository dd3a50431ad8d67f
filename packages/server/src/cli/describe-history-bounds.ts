import type { HistoryBoundsViolation } from '../index.ts'
import { formatDuration } from '../shared/duration.ts'

/**
 * Describes a history option out of its bounds: `--session-gap: 2d is too long; use 1m to 1d.`
 * @param nameOf returns the name of a field, such as `history.sessionGapMs`, for messages
 */
export function describeHistoryBounds(
  violation: HistoryBoundsViolation,
  nameOf: (path: string) => string,
): string {
  const { option, ms, minMs, maxMs = Infinity, finerTier } = violation
  const min = formatDuration(minMs)
  const problem =
    finerTier !== undefined
      ? `shorter than ${nameOf(`history.retentionMs.${finerTier}`)}`
      : ms > maxMs
        ? 'too long'
        : 'too short'
  const atLeast = minMs === Infinity ? min : `at least ${min}`
  const range = maxMs === Infinity ? atLeast : `${min} to ${formatDuration(maxMs)}`
  return `${nameOf(`history.${option}`)}: ${formatDuration(ms)} is ${problem}; use ${range}.`
}
