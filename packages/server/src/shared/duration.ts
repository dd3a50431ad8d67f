const durationUnitsMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** 100 years. A much longer duration exceeds the range of `Date`. */
const maxDurationMs = 100 * 366 * durationUnitsMs.d

/** Parses a duration such as `15m` or `30d` to milliseconds; `undefined` when it is invalid. */
export function toDurationMs(text: string): number | undefined {
  const [, count = '', unit = ''] = /^(0|[1-9]\d{0,9})([smhd])$/.exec(text) ?? []
  const durationMs = Number(count) * (isDurationUnit(unit) ? durationUnitsMs[unit] : NaN)
  return durationMs > 0 && durationMs <= maxDurationMs ? durationMs : undefined
}

function isDurationUnit(text: string): text is keyof typeof durationUnitsMs {
  return Object.hasOwn(durationUnitsMs, text)
}

/** Formats a duration in the longest unit that divides it, as on the command line: `90m`, `2d`, `forever`. */
export function formatDuration(ms: number): string {
  if (ms === Infinity) return 'forever'
  const [unit, unitMs] = Object.entries(durationUnitsMs).findLast(
    ([, length]) => ms % length === 0,
  ) ?? ['s', durationUnitsMs.s]
  return `${ms / unitMs}${unit}`
}
