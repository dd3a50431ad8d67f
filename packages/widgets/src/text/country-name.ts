import { memoizeByLocale } from './locale.ts'

const names = memoizeByLocale(
  locale => new Intl.DisplayNames(locale, { type: 'region', fallback: 'code' }),
)

/** Returns the name of a country: `"de"` → `"Germany"`; `undefined` for anything but a two-letter code. */
export function countryName(code: string, locale: string): string | undefined {
  return isCountryCode(code) ? (names(locale).of(code.toUpperCase()) ?? code) : undefined
}

const regionalIndicatorA = 0x1f1e6
const letterA = 0x41

/** Returns the flag of a country: `"de"` → 🇩🇪; empty for an invalid code. Systems without flags show two letters. */
export function countryFlag(code: string): string {
  if (!isCountryCode(code)) return ''
  const letters = [...code.toUpperCase()]
  return String.fromCodePoint(
    ...letters.map(letter => regionalIndicatorA + letter.charCodeAt(0) - letterA),
  )
}

function isCountryCode(code: string): boolean {
  return /^[a-z]{2}$/i.test(code)
}
