/**
 * Converts a value of a host's data to a number. Text with a number and big integers count; everything else, such
 * as `null`, `NaN`, infinity and other text, is `undefined`: a gap.
 */
export function toNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : asNumber(value)
  return Number.isFinite(number) ? number : undefined
}

function asNumber(value: unknown): number {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : Number.NaN
}

/**
 * Converts a time to milliseconds since 1970: a `Date`, a number or ISO 8601 text. Other values are `undefined`.
 */
export function toTime(value: unknown): number | undefined {
  if (value instanceof Date) return toNumber(value.getTime())
  if (typeof value !== 'string') return toNumber(value)
  return isoStart.test(value) ? toNumber(Date.parse(value)) : undefined
}

/** A year, a month and a day. Other text is not a time: browsers read it in different ways. */
const isoStart = /^\d{4}-\d{2}(-\d{2})?(T|$)/
