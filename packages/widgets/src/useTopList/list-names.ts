import type { Device, eventNames } from '@tidemark/protocol'
import type { listTexts } from '../messages/en/list.ts'
import type { nameTexts } from '../messages/en/names.ts'
import type { Translate } from '../settings/useTexts.ts'
import { readablePath } from '../text/readable-text.ts'
import type { TopListDimension } from './list-source.ts'

/** Texts of the widget's language for names in lists. */
export interface NameTexts {
  country(code: string): string
  text: Translate<keyof typeof nameTexts>
  list: Translate<keyof typeof listTexts>
}

/** Returns the readable name of a value of a dimension. Names that the kit does not know stay as they are. */
export function readableName(by: TopListDimension, name: string, texts: NameTexts): string {
  switch (by) {
    case 'path':
      return name === '(none)' ? texts.list('none') : readablePath(name)
    case 'country':
      return texts.country(name)
    case 'device':
      return deviceName(name, texts)
    case 'name':
      return eventName(name, texts)
    case 'goal':
    case 'campaign':
      return name
    case 'referrer':
    case 'browser':
    case 'os':
      return sourceName(name, texts)
  }
}

function sourceName(name: string, { text }: NameTexts): string {
  if (name === '(direct)') return text('direct')
  return name === '(unknown)' ? text('unknown') : name
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

/** Texts for the names of events that the feed also tells apart. */
const eventKeys = {
  page_view: 'pageViewEvents',
  outbound: 'outboundEvents',
  download: 'downloadEvents',
} as const satisfies Partial<Record<(typeof eventNames)[keyof typeof eventNames], string>>

function eventName(name: string, { list }: NameTexts): string {
  return isNamedEvent(name) ? list(eventKeys[name]) : name
}

function isNamedEvent(name: string): name is keyof typeof eventKeys {
  return Object.hasOwn(eventKeys, name)
}
