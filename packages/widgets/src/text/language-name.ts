import { memoizeByLocale } from './locale.ts'

const names = memoizeByLocale(
  locale => new Intl.DisplayNames(locale, { type: 'language', fallback: 'code' }),
)

/** Returns the name of a language, as in a list: `de` → `German`; the code itself if it is none. */
export function languageName(code: string, locale: string): string {
  // `of` throws for a text that is no language tag.
  if (!/^[a-z]{2,3}$/i.test(code)) return code
  const name = names(locale).of(code) ?? code
  const [first = '', ...rest] = name
  return first.toLocaleUpperCase(locale) + rest.join('')
}
