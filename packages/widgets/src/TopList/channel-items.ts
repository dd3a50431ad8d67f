import type { Device, State } from '@tidemark/protocol'
import { countryFlag, countryName } from '../text/country-name.ts'
import { readablePath } from '../text/readable-text.ts'
import type { RankItem } from './rank-rows.ts'

/** Channels that a list can show. */
export type TopListChannel = 'activePages' | 'referrers' | 'countries' | 'devices'

export interface TopListItem extends RankItem {
  /** Flag before the label. */
  readonly flag?: string
}

/** Converts the rows of a channel to items with readable labels; `undefined` before the channel has arrived. */
export function channelItems(
  channel: TopListChannel,
  state: Readonly<State>,
  locale: string,
): TopListItem[] | undefined {
  switch (channel) {
    case 'activePages':
      return state.activePages?.map(row => toItem(row, row.path, readablePath(row.path)))
    case 'referrers':
      return state.referrers?.map(row => toItem(row, row.source, sourceName(row.source)))
    case 'countries':
      return state.countries?.map(row => ({
        ...toItem(row, row.country, countryName(row.country, locale)),
        flag: countryFlag(row.country),
      }))
    case 'devices':
      return state.devices?.map(row => toItem(row, row.device, deviceName(row.device)))
  }
}

function toItem(row: { visitors: number; rest?: true }, key: string, label: string): TopListItem {
  return { key, label, value: row.visitors, isRest: row.rest ?? false }
}

function sourceName(source: string): string {
  return source === '(direct)' ? 'Direct' : source
}

const deviceNames: Readonly<Record<Device, string>> = {
  desktop: 'Desktop',
  mobile: 'Mobile',
  tablet: 'Tablet',
  tv: 'TV',
  bot: 'Bot',
  other: 'Other device',
}

/** A device type that only a newer server knows keeps the server's name. */
function deviceName(device: Device): string {
  return Object.hasOwn(deviceNames, device) ? deviceNames[device] : device
}
