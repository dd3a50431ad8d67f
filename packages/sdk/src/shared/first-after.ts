/** Returns the earliest of some times that is later than `now`; `undefined` when there is none. */
export function firstAfter(
  now: number,
  times: readonly (number | undefined)[],
): number | undefined {
  let first: number | undefined
  for (const at of times) {
    if (at !== undefined && at > now && (first === undefined || at < first)) first = at
  }
  return first
}
