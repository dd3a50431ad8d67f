const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Visits per hour on the first and the last day of the history. The simulated shop has just opened. */
const firstRate = 5
const lastRate = 30
/** Visits per hour of the live simulation, which the last hours approach. */
const liveRate = 260
const approachMs = 5 * hourMs

/** A span of the shop's past, in milliseconds since 1970. */
export interface PastSpan {
  readonly start: number
  readonly end: number
}

/** Returns the visits per hour at a time: they grow over the span, and vary by weekday and hour of the day (UTC). */
export function visitsPerHour(at: number, { start, end }: PastSpan): number {
  const progress = (at - start) / (end - start)
  const grown = firstRate * (lastRate / firstRate) ** progress
  const date = new Date(at)
  const isWeekend = date.getUTCDay() % 6 === 0
  const hour = (at % dayMs) / hourMs
  // Most visits are at 15 h, fewest at 3 h.
  const daily = 1 + 0.65 * Math.sin((2 * Math.PI * (hour - 9)) / 24)
  const rate = grown * (isWeekend ? 0.75 : 1) * daily
  const nearness = Math.max(0, 1 - (end - at) / approachMs)
  return rate + (liveRate - rate) * nearness
}
