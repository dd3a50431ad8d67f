import { memoizeByLocale } from './locale.ts'

/** Format of a number: options of `Intl.NumberFormat`, or a function. */
export type NumberFormat = Intl.NumberFormatOptions | ((value: number) => string)

const counts = memoizeByLocale(
  locale => new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }),
)
const decimals = memoizeByLocale(locale => new Intl.NumberFormat(locale))
const shares = memoizeByLocale(
  locale => new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }),
)
const rates = memoizeByLocale(
  locale => new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }),
)

/** Formats a whole number: `12500` → `"12,500"`. */
export function formatCount(value: number, locale: string): string {
  return counts(locale).format(value)
}

/** Formats a number with at most three decimals: `1.5` → `"1.5"`. */
export function formatDecimal(value: number, locale: string): string {
  return decimals(locale).format(value)
}

/** Formats of options that are in use, for each locale. A host has few; the cache is cleared when it is full. */
const maxFormats = 32
const customFormats = memoizeByLocale(() => new Map<string, Intl.NumberFormat>())

/** Formats a number with the `format` of a widget, else as a whole number. */
export function formatNumber(value: number, locale: string, format?: NumberFormat): string {
  if (format === undefined) return formatCount(value, locale)
  if (typeof format === 'function') return format(value)
  const formats = customFormats(locale)
  const key = JSON.stringify(format)
  const existing = formats.get(key)
  if (existing) return existing.format(value)
  if (formats.size >= maxFormats) formats.clear()
  const created = new Intl.NumberFormat(decimals(locale).resolvedOptions().locale, format)
  formats.set(key, created)
  return created.format(value)
}

/** Formats a share as a percentage: `0.418` → `"42%"`; a share that rounds to 0 is `"<1%"`. */
export function formatShare(share: number, locale: string): string {
  const text = shares(locale).format(share)
  return share > 0 && share < 0.005 ? `<${shares(locale).format(0.01)}` : text
}

/** Formats a rate as a percentage with one decimal: `0.0418` → `"4.2%"`. */
export function formatRate(rate: number, locale: string): string {
  return rates(locale).format(rate)
}

/** Above it the exact size says nothing: the number before was close to 0. */
const maxShownChange = 9.99

/** Formats the size of a change: `0.254` → `"25%"`; above 999 % `">999%"`. */
export function formatChange(change: number, locale: string): string {
  const format = shares(locale)
  return change > maxShownChange ? `>${format.format(maxShownChange)}` : format.format(change)
}

/** One character of a formatted number: a digit, a separator or a sign. */
export interface Glyph {
  /** Place of the character, counted from the right from 1. */
  readonly key: string
  readonly text: string
  /** 0 to 9; `undefined` for a separator or a sign. */
  readonly digit: number | undefined
}

/** Returns the ten digits of a locale, from 0 to 9. */
export const localeDigits: (locale: string) => readonly string[] = memoizeByLocale(locale => {
  const plain = new Intl.NumberFormat(locale, { useGrouping: false })
  return Array.from({ length: 10 }, (_, digit) => plain.format(digit))
})

/** Splits a formatted number into characters. Keys count from the right, so they stay stable when the number grows. */
export function toGlyphs(formatted: string, locale: string): Glyph[] {
  const digits = localeDigits(locale)
  const characters = [...formatted]
  return characters.map((text, index) => {
    const digit = digits.indexOf(text)
    const place = characters.length - index
    return { key: `${place}`, text, digit: digit < 0 ? undefined : digit }
  })
}
