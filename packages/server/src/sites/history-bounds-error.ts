import type { Tier } from '../rollup/history/tier.ts'

/** A history setting out of its bounds. All durations are in milliseconds. */
export interface HistoryBoundsViolation {
  readonly option: `retentionMs.${Tier}` | 'sessionGapMs'
  readonly ms: number
  readonly minMs: number
  /** @default unlimited */
  readonly maxMs?: number
  /** Finer tier with a longer retention, which is then `minMs`. */
  readonly finerTier?: Tier | undefined
}

const hourMs = 3_600_000

/** A history setting is out of its bounds. The command line describes `violation` with its own option names. */
export class HistoryBoundsError extends TypeError {
  readonly violation: HistoryBoundsViolation

  constructor(violation: HistoryBoundsViolation) {
    super(`history.${violation.option}: ${describe(violation)}`)
    this.violation = violation
  }
}

function describe({ ms, minMs, maxMs, finerTier }: HistoryBoundsViolation): string {
  if (maxMs !== undefined) {
    return `${ms} is out of range; use ${minMs} (a minute) to ${maxMs} (a day).`
  }
  const problem =
    finerTier === undefined ? 'too short' : 'shorter than the retention of the finer tier'
  return `${formatMs(ms)} is ${problem}; use at least ${formatMs(minMs)}.`
}

/** Formats a retention in milliseconds and in hours: `7200000 (2h)`. */
function formatMs(ms: number): string {
  return ms === Infinity ? `${ms} (forever)` : `${ms} (${ms / hourMs}h)`
}
