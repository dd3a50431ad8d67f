import { expect, it } from 'vitest'
import { ar } from '../locales/ar.ts'
import { de } from '../locales/de.ts'
import { en } from '../locales/en.ts'
import { formatMessage } from '../messages/message.ts'
import type { CompleteMessages } from '../messages/messages.ts'
import { countryName } from '../text/country-name.ts'
import { type NameTexts, readableName } from './list-names.ts'
import type { TopListDimension } from './list-source.ts'

function textsOf({ locale, names, list, dimensions }: CompleteMessages): NameTexts {
  return {
    locale: () => locale,
    country: code => countryName(code, locale) ?? formatMessage(names.unknown, {}, locale),
    text: (key, params = {}) => formatMessage(names[key], params, locale),
    list: (key, params = {}) => formatMessage(list[key], params, locale),
    dimension: (key, params = {}) => formatMessage(dimensions[key], params, locale),
  }
}

it.each<[TopListDimension | 'property', string, string, string, string]>([
  ['channel', 'AI', 'AI', 'KI', 'الذكاء الاصطناعي'],
  ['channel', '(unknown)', 'Unknown', 'Unbekannt', 'غير معروف'],
  ['channel', 'Podcast', 'Podcast', 'Podcast', 'Podcast'],
  ['referrer', '(direct)', 'Direct', 'Direkt', 'مباشر'],
  ['referringPage', '(none)', '(none)', '(keine)', '(لا شيء)'],
  ['referringPage', 'news.example/links', ...same('news.example/links')],
  ['hostName', '(other host)', 'Other host', 'Anderer Host', 'مضيف آخر'],
  ['entryPage', '/caf%C3%A9', ...same('/café')],
  ['exitPage', '(none)', '(none)', '(keine)', '(لا شيء)'],
  ['notFound', '/%C3%A9', ...same('/é')],
  ['language', 'de', 'German', 'Deutsch', 'الألمانية'],
  ['language', 'xx-', ...same('xx-')],
  ['language', '(unknown)', 'Unknown', 'Unbekannt', 'غير معروف'],
  ['region', 'Bavaria, DE', 'Bavaria, Germany', 'Bavaria, Deutschland', 'Bavaria, ألمانيا'],
  ['city', '(unknown)', 'Unknown', 'Unbekannt', 'غير معروف'],
  ['screen', '576-767', '576–767 px', '576–767 px', '\u2068576–767\u2069 بكسل'],
  ['screen', '1920+', '1920+ px', '1920+ px', '\u20681920+\u2069 بكسل'],
  [
    ...(['osVersion', 'Windows (unknown)', 'Windows, unknown version'] as const),
    ...(['Windows, Version unbekannt', '\u2068Windows\u2069، إصدار غير معروف'] as const),
  ],
  ['browserVersion', 'Chrome 142', ...same('Chrome 142')],
  ['bot', 'Automated browser', 'Automated browser', 'Automatisierter Browser', 'متصفح آلي'],
  ['name', 'site_search', 'Searches', 'Suchen', 'عمليات البحث'],
  ['name', 'page_view', 'Page views', 'Seitenaufrufe', 'مشاهدات الصفحات'],
  ['search', '(direct)', ...same('(direct)')],
  ['property', '(none)', ...same('(none)')],
  ['campaign', '/%61', ...same('/%61')],
])('readableName: names the %s %j', (by, name, english, german, arabic) => {
  const shown = [en, de, ar].map(messages => readableName(by, name, textsOf(messages)))
  expect(shown).toEqual([english, german, arabic])
})

function same(name: string): [string, string, string] {
  return [name, name, name]
}
