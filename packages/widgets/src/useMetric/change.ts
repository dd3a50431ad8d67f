import type { Trend } from './metric-options.ts'

/** Changes below half a percent, which would show as 0 %, count as stable. */
const stableBelow = 0.005

/**
 * Returns the relative change: 12 after 10 → 0.2. `undefined` if a number is missing or the previous one is 0,
 * because a change from nothing has no size; 0 after 0 is no change.
 */
export function changeOf(
  value: number | undefined,
  previous: number | undefined,
): number | undefined {
  if (value === undefined || previous === undefined) return undefined
  if (previous === 0) return value === 0 ? 0 : undefined
  return (value - previous) / Math.abs(previous)
}

/** Returns the direction of a change; also of one from 0, which has no size. */
export function trendOf(
  value: number | undefined,
  previous: number | undefined,
): Trend | undefined {
  if (value === undefined || previous === undefined) return undefined
  const change = changeOf(value, previous)
  if (change !== undefined && Math.abs(change) < stableBelow) return 'stable'
  return value > previous ? 'up' : 'down'
}
