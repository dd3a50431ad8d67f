import { expect, it } from 'vitest'
import { countryFlag, countryName } from './country-name.ts'

it.each([
  ['DE', 'en', 'Germany', '🇩🇪'],
  ['de', 'de', 'Deutschland', '🇩🇪'],
  ['QQ', 'en', 'QQ', '🇶🇶'],
  ['(unknown)', 'en', undefined, ''],
  ['<b>', 'en', undefined, ''],
  ['', 'en', undefined, ''],
])('countryName: names %j in %s %j', (code, locale, name, flag) => {
  expect(countryName(code, locale)).toBe(name)
  expect(countryFlag(code)).toBe(flag)
})
