/**
 * Returns a function that remembers the result of its last call, and calls `compute` only when the argument changes.
 *
 * One entry is enough for event batches: most of their events have the same visitor, page and referrer. V8 compares a
 * string with itself by reference, so a repeated argument costs no comparison of characters.
 */
export function memoizeLast<Argument, Result>(
  compute: (argument: Argument) => Result,
): (argument: Argument) => Result {
  let last: { argument: Argument; result: Result } | undefined
  return argument => {
    if (last && last.argument === argument) return last.result
    const result = compute(argument)
    last = { argument, result }
    return result
  }
}
