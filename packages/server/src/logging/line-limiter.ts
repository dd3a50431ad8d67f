import type { Clock } from '../shared/clock.ts'

/** Time that one summary covers, in milliseconds. */
const summaryMs = 60_000

/** Kinds that are counted apart. Callers use few; further ones write nothing. */
const maxKinds = 500

export interface LimitedLine {
  /** Lines of one kind share their limit. */
  kind: string
  /** Lines of the kind that are written before the others of the minute are summed up. @default 1 */
  burst?: number
  write(): void
  /** Writes one line for those that were left out. Called at the end of a minute with some. */
  writeSummary(count: number): void
}

/** Writes the first line of a kind at once, and then one summary per minute while further ones come. */
export interface LineLimiter {
  add(line: LimitedLine): void
  /** Writes the summaries that are due later. */
  close(): void
}

/** The running minute of a kind. */
interface Minute {
  written: number
  leftOut: number
  writeSummary: LimitedLine['writeSummary']
  cancel: () => void
}

export function createLineLimiter(clock: Pick<Clock, 'after'>): LineLimiter {
  const minutes = new Map<string, Minute>()

  function endMinute(kind: string, minute: Minute): void {
    const { leftOut, writeSummary } = minute
    if (leftOut === 0) {
      minutes.delete(kind)
      return
    }
    minute.leftOut = 0
    minute.cancel = clock.after(summaryMs, () => endMinute(kind, minute))
    writeSummary(leftOut)
  }

  function startMinute({ kind, writeSummary }: LimitedLine): Minute {
    const minute: Minute = { written: 0, leftOut: 0, writeSummary, cancel: () => {} }
    minute.cancel = clock.after(summaryMs, () => endMinute(kind, minute))
    minutes.set(kind, minute)
    return minute
  }

  return {
    add(line) {
      const known = minutes.get(line.kind)
      if (!known && minutes.size >= maxKinds) return
      const minute = known ?? startMinute(line)
      if (minute.written < (line.burst ?? 1)) {
        minute.written++
        line.write()
        return
      }
      minute.leftOut++
      minute.writeSummary = line.writeSummary
    },
    close() {
      for (const { leftOut, writeSummary, cancel } of minutes.values()) {
        cancel()
        if (leftOut > 0) writeSummary(leftOut)
      }
      minutes.clear()
    },
  }
}
