import { byLocale } from './locale.ts'

const counts = byLocale(locale => new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }))
const shares = byLocale(
  locale => new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }),
)

/** `12500` → `"12,500"`. */
export function formatCount(value: number, locale: string): string {
  return counts(locale).format(value)
}

/** `0.418` → `"42%"`; a share that is there but rounds to nothing is `"<1%"`. */
export function formatShare(share: number, locale: string): string {
  const text = shares(locale).format(share)
  return share > 0 && share < 0.005 ? `<${shares(locale).format(0.01)}` : text
}

/** One character of a number: a digit, at a place counted from the right, or what stands between. */
export interface Glyph {
  readonly key: string
  readonly text: string
  /** 0 to 9; `undefined` for a separator or a sign. */
  readonly digit: number | undefined
}

const digitGlyphs = byLocale(locale => {
  const plain = new Intl.NumberFormat(locale, { useGrouping: false })
  return Array.from({ length: 10 }, (_, digit) => plain.format(digit))
})

/** The ten digits of a locale, from 0. */
export function digitsOf(locale: string): readonly string[] {
  return digitGlyphs(locale)
}

/** A number as its characters, each with a key that stays with its place when the number grows. */
export function toGlyphs(value: number, locale: string): Glyph[] {
  const digits = digitsOf(locale)
  const characters = [...formatCount(value, locale)]
  return characters.map((text, index) => {
    const digit = digits.indexOf(text)
    const place = characters.length - index
    return { key: `${place}`, text, digit: digit < 0 ? undefined : digit }
  })
}
