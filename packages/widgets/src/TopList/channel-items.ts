import type { Device, State } from '@tidemark/protocol'
import type { nameTexts } from '../messages/en/names.ts'
import type { Translate } from '../settings/useTexts.ts'
import { countryFlag } from '../text/country-name.ts'
import { readablePath } from '../text/readable-text.ts'
import type { RankItem } from './rank-rows.ts'

/** Channels that a list can show. */
export type TopListChannel = 'activePages' | 'referrers' | 'countries' | 'devices'

export interface TopListItem extends RankItem {
  /** Flag before the label. */
  readonly flag?: string
}

/** Readable names of the values of a channel. */
export interface Names {
  country(code: string): string
  text: Translate<keyof typeof nameTexts>
}

/** Converts the rows of a channel to items with readable labels; `undefined` before the channel has arrived. */
export function channelItems(
  channel: TopListChannel,
  state: Readonly<State>,
  names: Names,
): TopListItem[] | undefined {
  switch (channel) {
    case 'activePages':
      return state.activePages?.map(row => toItem(row, row.path, readablePath(row.path)))
    case 'referrers':
      return state.referrers?.map(row => toItem(row, row.source, sourceName(row.source, names)))
    case 'countries':
      return state.countries?.map(row => ({
        ...toItem(row, row.country, names.country(row.country)),
        flag: countryFlag(row.country),
      }))
    case 'devices':
      return state.devices?.map(row => toItem(row, row.device, deviceName(row.device, names)))
  }
}

function toItem(row: { visitors: number; rest?: true }, key: string, label: string): TopListItem {
  return { key, label, value: row.visitors, isRest: row.rest ?? false }
}

function sourceName(source: string, { text }: Names): string {
  return source === '(direct)' ? text('direct') : source
}

const devices: readonly Device[] = ['desktop', 'mobile', 'tablet', 'tv', 'bot', 'other']

/** A device type that only a newer server knows keeps the server's name. */
function deviceName(device: Device, { text }: Names): string {
  if (!devices.includes(device)) return device
  return text(device === 'other' ? 'otherDevice' : device)
}
