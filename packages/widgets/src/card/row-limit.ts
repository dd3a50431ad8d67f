/** Returns a valid number of rows: a whole number from 1 to `max`. Invalid numbers become 1. */
export function toRowLimit(requested: number, max = Infinity): number {
  return requested >= 1 ? Math.min(Math.floor(requested), max) : 1
}
