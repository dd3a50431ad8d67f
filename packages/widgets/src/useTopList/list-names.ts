import type { Device, eventNames } from '@tidemark/protocol'
import type { dimensionTexts } from '../messages/en/dimensions.ts'
import type { listTexts } from '../messages/en/list.ts'
import type { nameTexts } from '../messages/en/names.ts'
import type { Translate } from '../settings/useTexts.ts'
import { languageName } from '../text/language-name.ts'
import { readablePath } from '../text/readable-text.ts'
import type { TopListDimension } from './list-source.ts'

/** Texts of the widget's language for names in lists. */
export interface NameTexts {
  readonly locale: () => string
  country(code: string): string
  text: Translate<keyof typeof nameTexts>
  list: Translate<keyof typeof listTexts>
  dimension: Translate<keyof typeof dimensionTexts>
}

/** Returns the readable name of a value of a dimension. Names that the kit does not know stay as they are. */
export function readableName(
  by: TopListDimension | 'property',
  name: string,
  texts: NameTexts,
): string {
  switch (by) {
    case 'country':
      return texts.country(name)
    case 'device':
      return deviceName(name, texts)
    case 'name':
      return eventName(name, texts)
    case 'channel':
      return channelName(name, texts)
    case 'language':
      return name === '(unknown)' ? texts.text('unknown') : languageName(name, texts.locale())
    case 'region':
    case 'city':
      return placeName(name, texts)
    case 'screen':
      return screenName(name, texts)
    // The site chose these names.
    case 'goal':
    case 'campaign':
    case 'medium':
    case 'term':
    case 'content':
    case 'clickId':
    case 'form':
    case 'search':
    case 'property':
      return name
    default:
      return specialName(name, texts) ?? readablePath(name)
  }
}

/** Returns the text of a name that stands for a missing value; `undefined` for any other name. */
function specialName(name: string, { text, list }: NameTexts): string | undefined {
  switch (name) {
    case '(direct)':
      return text('direct')
    case '(unknown)':
      return text('unknown')
    case '(none)':
      return list('none')
    case '(other host)':
      return text('otherHost')
    // A name of the server for bots.
    case 'Automated browser':
      return text('automatedBrowser')
    default:
      return versionless(name, text)
  }
}

/** `Windows (unknown)` is Windows of an unknown version. */
function versionless(name: string, text: NameTexts['text']): string | undefined {
  const suffix = ' (unknown)'
  if (!name.endsWith(suffix)) return undefined
  return text('unknownVersion', { name: name.slice(0, -suffix.length) })
}

const channelKeys = {
  Direct: 'direct',
  Search: 'search',
  Social: 'social',
  AI: 'ai',
  Email: 'email',
  Paid: 'paid',
  Referral: 'referral',
  '(unknown)': 'unknown',
} as const

/** A channel that only a newer server knows keeps the server's name. */
function channelName(name: string, { text }: NameTexts): string {
  return hasKey(channelKeys, name) ? text(channelKeys[name]) : name
}

/** `Munich, Bavaria, DE` ends with a country. */
function placeName(name: string, { country, text }: NameTexts): string {
  if (name === '(unknown)') return text('unknown')
  const [, place, code] = /^(.+, )([A-Z]{2})$/.exec(name) ?? []
  return place !== undefined && code !== undefined ? place + country(code) : name
}

/** Returns the country at the end of a region or city; empty without one. */
export function countryOfPlace(name: string): string {
  return /, ([A-Z]{2})$/.exec(name)?.[1] ?? ''
}

/** Widths of screens: `576-767`, `1920+`. */
function screenName(name: string, { text }: NameTexts): string {
  if (name === '(unknown)') return text('unknown')
  return text('screenWidth', { range: name.replace('-', '–') })
}

const devices: readonly Device[] = [
  ...(['desktop', 'mobile', 'tablet', 'tv', 'console', 'headset', 'car'] as const),
  ...(['bot', 'other'] as const),
]

/** A device type that only a newer server knows keeps the server's name. */
function deviceName(name: string, { text }: NameTexts): string {
  const device = devices.find(each => each === name)
  if (device === undefined) return name
  return text(device === 'other' ? 'otherDevice' : device)
}

/** Dimensions with the names of the tracker's own events. */
const eventKeys = {
  outbound: 'outbound',
  download: 'download',
  form_submit: 'form',
  not_found: 'notFound',
  site_search: 'search',
} as const satisfies Partial<
  Record<(typeof eventNames)[keyof typeof eventNames], keyof typeof dimensionTexts>
>

function eventName(name: string, { list, dimension }: NameTexts): string {
  if (name === 'page_view') return list('pageViewEvents')
  return hasKey(eventKeys, name) ? dimension(eventKeys[name]) : name
}

function hasKey<Keys extends object>(keys: Keys, name: string): name is keyof Keys & string {
  return Object.hasOwn(keys, name)
}
