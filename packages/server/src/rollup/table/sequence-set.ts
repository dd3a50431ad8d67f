/** Which numbers of one client were counted: all to `upTo`, and some beyond it. */
export interface SequenceSet {
  readonly upTo: number
  /** Which of the 32 numbers after `upTo`, the lowest bit for the first. That one is never set here. */
  readonly bits: number
  /** The numbers beyond these by runs, ascending: the first and the last of each. */
  readonly runs: readonly number[]
}

const window = 32

/** With one number more, or `undefined` when it is counted already. */
export function addToSequenceSet(counted: SequenceSet, n: number): SequenceSet | undefined {
  const { upTo, bits, runs } = counted
  const ahead = n - upTo
  if (ahead <= 0) return undefined
  if (ahead > window) {
    const longer = addToRuns(runs, n)
    return longer && { upTo, bits, runs: longer }
  }
  const bit = 1 << (ahead - 1)
  return (bits & bit) === 0 ? settle({ upTo, bits: bits | bit, runs }) : undefined
}

/** How many numbers are counted beyond the first that is not. */
export function countAfterGap({ bits, runs }: SequenceSet): number {
  let count = 0
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++
  for (let at = 0; at < runs.length; at += 2) count += (runs[at + 1] ?? 0) - (runs[at] ?? 0) + 1
  return count
}

/** The first number that is counted beyond one that is not. */
export function firstAfterGap({ upTo, bits, runs }: SequenceSet): number {
  return bits === 0 ? (runs[0] ?? upTo) : upTo + trailingZeros(bits) + 1
}

/** With all numbers before one of those beyond, whether they were counted or not. */
export function fillGapsBefore(counted: SequenceSet, n: number): SequenceSet {
  return settle(slide(counted, n - 1 - counted.upTo))
}

/** Moves `upTo` over the numbers that follow it without a hole. */
function settle(counted: SequenceSet): SequenceSet {
  let settled = counted
  while ((settled.bits & 1) !== 0) settled = slide(settled, trailingZeros(~settled.bits))
  return settled
}

/** Moves `upTo`, and takes in from the runs what is now among the next 32. */
function slide({ upTo: before, bits: above, runs }: SequenceSet, by: number): SequenceSet {
  const upTo = before + by
  let bits = by < window ? above >>> by : 0
  let at = 0
  let next = runs[at] ?? Infinity
  while (next - upTo <= window) {
    if (next > upTo) bits |= 1 << (next - upTo - 1)
    if (next < (runs[at + 1] ?? 0)) next++
    else next = runs[(at += 2)] ?? Infinity
  }
  const cut = next > (runs[at] ?? Infinity) ? [next, ...runs.slice(at + 1)] : runs.slice(at)
  return { upTo, bits, runs: cut }
}

/** Runs with one number more, or `undefined` when it is in one of them. */
function addToRuns(runs: readonly number[], n: number): readonly number[] | undefined {
  // Numbers mostly come in order, so the place is looked for from the end.
  let at = runs.length
  while (at > 0 && (runs[at - 2] ?? 0) > n) at -= 2
  const endBefore = runs[at - 1] ?? -Infinity
  if (endBefore >= n) return undefined
  const isNextOf = endBefore === n - 1
  const isBefore = runs[at] === n + 1
  if (isNextOf && isBefore) return runs.toSpliced(at - 1, 2)
  if (isNextOf) return runs.toSpliced(at - 1, 1, n)
  return isBefore ? runs.toSpliced(at, 1, n) : runs.toSpliced(at, 0, n, n)
}

/** How many of the low bits are 0: 32 of 0. */
function trailingZeros(bits: number): number {
  return bits === 0 ? 32 : 31 - Math.clz32(bits & -bits)
}
