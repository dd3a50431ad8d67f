import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock } from '../shared/clock.ts'

/** A turn of the event loop that takes longer is slow, in milliseconds. */
export const slowTurnMs = 50

/** Time between two samples, in milliseconds. A sample includes it. */
const resolutionMs = 10

/** Time between two checks, in milliseconds. */
const checkMs = 1000

/** Delays of the event loop in the time between two reads, in milliseconds. */
export interface LoopDelay {
  readonly meanMs: number
  readonly p99Ms: number
  readonly maxMs: number
}

export interface SlowTurns {
  /** Returns the delays of the last full second. */
  delay(): LoopDelay
  stop(): void
}

/** Returns the processor time of the process, in milliseconds. */
function readProcessorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/**
 * Measures the turns of the event loop.
 * @param onSlow receives the longest turn of each second with a slow one, in milliseconds. A second in which the
 *   process has hardly worked does not count: other programs have delayed it.
 */
export function watchSlowTurns(
  clock: Pick<Clock, 'after'>,
  onSlow: (ms: number) => void,
  processorMs: () => number = readProcessorMs,
): SlowTurns {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  let last: LoopDelay = { meanMs: 0, p99Ms: 0, maxMs: 0 }
  let cancel = clock.after(checkMs, check)
  let usedBefore = processorMs()
  histogram.enable()

  const toMs = (ns: number): number => Math.max(0, ns / 1e6 - resolutionMs)

  function check(): void {
    cancel = clock.after(checkMs, check)
    const used = processorMs()
    const usedMs = used - usedBefore
    usedBefore = used
    // Without a sample, the mean is not a number.
    if (histogram.count === 0) return
    const { mean, max } = histogram
    last = { meanMs: toMs(mean), p99Ms: toMs(histogram.percentile(99)), maxMs: toMs(max) }
    histogram.reset()
    if (last.maxMs > slowTurnMs && usedMs > slowTurnMs) onSlow(Math.round(last.maxMs))
  }

  return {
    delay: () => last,
    stop() {
      cancel()
      histogram.disable()
    },
  }
}
