import type { State } from '@tidemark/protocol'
import { countryFlag } from '../text/country-name.ts'
import type { ListItem } from './list-item.ts'
import { type NameTexts, readableName } from './list-names.ts'
import type { TopListChannel, TopListDimension } from './list-source.ts'

/** Converts the rows of a channel to items with readable labels; `undefined` before the channel has arrived. */
export function channelItems(
  channel: TopListChannel,
  state: Readonly<State>,
  texts: NameTexts,
): ListItem<never>[] | undefined {
  switch (channel) {
    case 'activePages':
      return state.activePages?.map(row => serverItem('path', row.path, row.visitors, row, texts))
    case 'referrers':
      return state.referrers?.map(row =>
        serverItem('referrer', row.source, row.visitors, row, texts),
      )
    case 'countries':
      return state.countries?.map(row =>
        serverItem('country', row.country, row.visitors, row, texts),
      )
    case 'devices':
      return state.devices?.map(row => serverItem('device', row.device, row.visitors, row, texts))
    case 'events':
      return state.events?.map(row => serverItem('name', row.name, row.count, row, texts))
    case 'goals':
      return state.goals?.map(row => serverItem('goal', row.goal, row.count, row, texts))
    default:
      // A name that the types refuse.
      return []
  }
}

/** Converts one row of the server. */
export function serverItem(
  by: TopListDimension,
  name: string,
  value: number,
  { rest, visitors }: { rest?: true; visitors?: number },
  texts: NameTexts,
): ListItem<never> {
  return {
    key: name,
    name,
    label: readableName(by, name, texts),
    value,
    visitors,
    isRest: rest ?? false,
    flag: by === 'country' ? countryFlag(name) : undefined,
  }
}
