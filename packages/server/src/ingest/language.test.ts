import { expect, it } from 'vitest'
import { toBaseLanguage, toPreferredLanguage } from './language.ts'

// BCP 47 (RFC 5646): a tag is a language with optional script, region and more. IANA replaced `iw`, `in` and `ji`.
it.each([
  ['de', 'de'],
  ['de-AT', 'de'],
  ['DE-at', 'de'],
  ['zh-Hant-TW', 'zh'],
  ['pt-BR', 'pt'],
  ['yue-HK', 'yue'],
  ['sr-Latn-RS', 'sr'],
  ['iw-IL', 'he'],
  ['in', 'id'],
  ['en-US-u-ca-gregory', 'en'],
  ['xx', undefined],
  ['qqq', undefined],
  ['x-klingon', undefined],
  ['', undefined],
  ['-', undefined],
  ['<script>', undefined],
])('toBaseLanguage: the language of %j is %j', (tag, language) => {
  expect(toBaseLanguage(tag)).toBe(language)
})

// RFC 9110, section 12.5.4: the weight `q` is 1 by default, 0 means "not acceptable", and `*` is any language.
it.each([
  ['de-DE,de;q=0.9,en;q=0.8', 'de'],
  ['da, en-gb;q=0.8, en;q=0.7', 'da'],
  ['en;q=0.5, fr', 'fr'],
  ['en;q=0, fr;q=0.1', 'fr'],
  ['*', undefined],
  ['*;q=0.5, ja;q=0.3', 'ja'],
  ['xx, sv;q=0.5', 'sv'],
  ['', undefined],
  [';;,,q=1', undefined],
  ['de;q=high, en;q=0.1', 'en'],
  ['de-AT,'.repeat(100), 'de'],
])('toPreferredLanguage: that of %j is %j', (header, language) => {
  expect(toPreferredLanguage(header)).toBe(language)
})
