/** The language of our own few words; numbers, times and countries follow it unless told otherwise. */
export const defaultLocale = 'en'

/** Locales that a page uses at one time; the memory forgets everything beyond it. */
const maxFormats = 32

/**
 * Remembers what a function makes of a locale: making an `Intl` object takes longer than using it.
 * A locale that is not a language tag counts as the default one, so that a typing error in a prop
 * does not take down the host's page.
 */
export function byLocale<Made>(make: (locale: string) => Made): (locale: string) => Made {
  const made = new Map<string, Made>()
  return locale => {
    const known = made.get(locale)
    if (known !== undefined) return known
    if (made.size >= maxFormats) made.clear()
    const value = make(isLanguageTag(locale) ? locale : defaultLocale)
    made.set(locale, value)
    return value
  }
}

function isLanguageTag(locale: string): boolean {
  try {
    return Intl.getCanonicalLocales(locale).length === 1
  } catch {
    return false
  }
}
