import { expect, it } from 'vitest'
import { formatMessage } from './message.ts'
import { findMessages } from './messages.ts'

it.each([
  ['text {name}', { name: 'x' }, 'en', 'text x'],
  ['{a} and {missing}', { a: 1 }, 'en', '1 and {missing}'],
  ['{count} Seiten', { count: 12_345 }, 'de', '12.345 Seiten'],
  [{ one: '{count} page', other: '{count} pages' }, { count: 1 }, 'en', '1 page'],
  [{ one: '{count} page', other: '{count} pages' }, { count: 0 }, 'en', '0 pages'],
  [{ two: 'زائران', few: '{count} زوار', other: '{count} زائر' }, { count: 2 }, 'ar', 'زائران'],
  [{ other: '{count}人' }, { count: 3 }, 'ja', '3人'],
])('formatMessage: formats %j with %j in %s', (message, params, locale, text) => {
  expect(formatMessage(message, params, locale)).toBe(text)
})

it('formatMessage: isolates a text of the other writing direction', () => {
  expect(formatMessage('الصفحة {path}.', { path: '/a' }, 'ar')).toBe('الصفحة \u2068/a\u2069.')
  expect(formatMessage('page {path}.', { path: '/مرحبا' }, 'en')).toBe('page \u2068/مرحبا\u2069.')
  expect(formatMessage('page {path}.', { path: '/a' }, 'en')).toBe('page /a.')
})

it.each([
  ['pt-BR', 'pt-BR'],
  ['pt-PT', 'pt'],
  ['zh-Hans-CN', 'zh-Hans'],
  ['de', 'de-AT'],
  ['fr', undefined],
])('findMessages: finds for %s the texts of %s', (locale, found) => {
  const available = ['pt', 'pt-BR', 'zh-Hans', 'de-AT'].map(each => ({ locale: each }))
  expect(findMessages(available, locale)?.locale).toBe(found)
})
