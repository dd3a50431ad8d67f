import { expect, it } from 'vitest'
import { languageName } from './language-name.ts'

it.each([
  ['de', 'en', 'German'],
  ['de', 'fr', 'Allemand'],
  ['pt', 'ja', 'ポルトガル語'],
  ['qq', 'en', 'Qq'],
  ['de-', 'en', 'de-'],
  ['', 'en', ''],
])('languageName: names %j in %s %j', (code, locale, name) => {
  expect(languageName(code, locale)).toBe(name)
})
