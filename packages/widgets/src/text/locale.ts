/** Language of the widgets' texts, and default for numbers, times and country names. */
export const defaultLocale = 'en'

/** More locales than a page uses at one time; the cache is cleared when it is full. */
const maxLocales = 32

/**
 * Memoizes a function of a locale: creating an `Intl` object takes longer than using it. An invalid
 * language tag counts as the default locale, so that a typing error in a prop does not break the page.
 */
export function memoizeByLocale<Value>(
  create: (locale: string) => Value,
): (locale: string) => Value {
  const values = new Map<string, Value>()
  return locale => {
    const cached = values.get(locale)
    if (cached !== undefined) return cached
    if (values.size >= maxLocales) values.clear()
    const value = create(isLanguageTag(locale) ? locale : defaultLocale)
    values.set(locale, value)
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
