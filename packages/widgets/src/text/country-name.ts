import { byLocale } from './locale.ts'

const names = byLocale(
  locale => new Intl.DisplayNames(locale, { type: 'region', fallback: 'code' }),
)

/** `"de"` → `"Germany"`; what is not a code of two letters is `"Unknown"`. */
export function countryName(code: string, locale: string): string {
  return isCountryCode(code) ? (names(locale).of(code.toUpperCase()) ?? code) : 'Unknown'
}

const regionalIndicatorA = 0x1f1e6
const letterA = 0x41

/** `"de"` → 🇩🇪; empty for what is not a code. Systems without flags show the two letters instead. */
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
