/** Locale of a page without a language, and of the widgets' built-in texts. */
export const defaultLocale = 'en'

/** Returns the canonical language tag: `de_DE` and `DE-de` → `de-DE`; `undefined` for an invalid tag. */
export function toLanguageTag(locale: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(locale.trim().replaceAll('_', '-'))[0]
  } catch {
    return undefined
  }
}

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
    const value = create(toLanguageTag(locale) ?? defaultLocale)
    values.set(locale, value)
    return value
  }
}
