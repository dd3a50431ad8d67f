import { type NumberFormat, formatDecimal, formatNumber } from '../text/format-number.ts'

/** From this number on, the axis shortens numbers: 12K. */
const minCompact = 10_000

/** Formats a value of a chart. */
export function chartNumber(value: number, locale: string, format?: NumberFormat): string {
  return format === undefined ? formatDecimal(value, locale) : formatNumber(value, locale, format)
}

/**
 * Formats a value of the axis, shorter than elsewhere.
 * @param largest largest value of the axis: all its values are shortened, or none
 */
export function axisNumber(
  value: number,
  largest: number,
  locale: string,
  format?: NumberFormat,
): string {
  if (format !== undefined) return formatNumber(value, locale, format)
  if (largest < minCompact) return formatDecimal(value, locale)
  return formatNumber(value, locale, { notation: 'compact', maximumFractionDigits: 1 })
}
