/** How many rows to show: a whole number of at least 1 and at most `max`, whatever a page asks for. */
export function toRowLimit(wanted: number, max = Infinity): number {
  return wanted >= 1 ? Math.min(Math.floor(wanted), max) : 1
}
