/** The recorded event numbers of one client: all numbers to `upTo`, and some numbers after a gap. */
export interface SequenceSet {
  readonly upTo: number
  /** Bit set of the 32 numbers after `upTo`. The lowest bit is `upTo + 1` and never set. */
  readonly bits: number
  /** Numbers above the bit set, as ascending runs: the first and the last number of each run. */
  readonly runs: readonly number[]
}

const windowSize = 32

/** Returns the set with one more number, or `undefined` when the set contains it already. */
export function addToSequenceSet(set: SequenceSet, n: number): SequenceSet | undefined {
  const { upTo, bits, runs } = set
  const ahead = n - upTo
  if (ahead <= 0) return undefined
  if (ahead > windowSize) {
    const longer = addToRuns(runs, n)
    return longer && { upTo, bits, runs: longer }
  }
  const bit = 1 << (ahead - 1)
  return (bits & bit) === 0 ? advanceUpTo({ upTo, bits: bits | bit, runs }) : undefined
}

/** Returns how many numbers the set contains above its first missing number. */
export function countAfterGap({ bits, runs }: SequenceSet): number {
  let count = 0
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++
  for (let index = 0; index < runs.length; index += 2) {
    count += (runs[index + 1] ?? 0) - (runs[index] ?? 0) + 1
  }
  return count
}

/** Returns the lowest number of the set above its first missing number, or `upTo` when nothing is missing. */
export function firstAfterGap({ upTo, bits, runs }: SequenceSet): number {
  return bits === 0 ? (runs[0] ?? upTo) : upTo + trailingZeros(bits) + 1
}

/** Returns the set with every number below `n`, which is a number of the set above a gap. */
export function fillGapsBefore(set: SequenceSet, n: number): SequenceSet {
  return advanceUpTo(slide(set, n - 1 - set.upTo))
}

/** Moves `upTo` over the numbers that follow it without a gap. */
function advanceUpTo(set: SequenceSet): SequenceSet {
  let advanced = set
  while ((advanced.bits & 1) !== 0) advanced = slide(advanced, trailingZeros(~advanced.bits))
  return advanced
}

/** Moves `upTo` by a number of places, and moves run members that are now among the next 32 into `bits`. */
function slide(set: SequenceSet, by: number): SequenceSet {
  const { runs } = set
  const upTo = set.upTo + by
  let bits = by < windowSize ? set.bits >>> by : 0
  let index = 0
  let next = runs[index] ?? Infinity
  while (next - upTo <= windowSize) {
    if (next > upTo) bits |= 1 << (next - upTo - 1)
    if (next < (runs[index + 1] ?? 0)) next++
    else next = runs[(index += 2)] ?? Infinity
  }
  const isRunCut = next > (runs[index] ?? Infinity)
  return { upTo, bits, runs: isRunCut ? [next, ...runs.slice(index + 1)] : runs.slice(index) }
}

/** Returns the runs with one more number, or `undefined` when a run contains it. */
function addToRuns(runs: readonly number[], n: number): readonly number[] | undefined {
  // Numbers mostly arrive in order, so the search starts at the end.
  let index = runs.length
  while (index > 0 && (runs[index - 2] ?? 0) > n) index -= 2
  const previousEnd = runs[index - 1] ?? -Infinity
  if (previousEnd >= n) return undefined
  const isAfterRun = previousEnd === n - 1
  const isBeforeRun = runs[index] === n + 1
  if (isAfterRun && isBeforeRun) return runs.toSpliced(index - 1, 2)
  if (isAfterRun) return runs.toSpliced(index - 1, 1, n)
  return isBeforeRun ? runs.toSpliced(index, 1, n) : runs.toSpliced(index, 0, n, n)
}

/** Returns the number of low bits that are 0, which is 32 for 0. */
function trailingZeros(bits: number): number {
  return bits === 0 ? 32 : 31 - Math.clz32(bits & -bits)
}
