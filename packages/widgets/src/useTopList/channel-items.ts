import type { State } from '@tidemark/protocol'
import type { CommonRow } from '../fetchMetrics/row-fields.ts'
import { countryFlag } from '../text/country-name.ts'
import type { ListItem } from './list-item.ts'
import { type NameTexts, countryOfPlace, readableName } from './list-names.ts'
import type { TopListChannel, TopListDimension } from './list-source.ts'

/** Converts the rows of a channel to items with readable labels; `undefined` before the channel has arrived. */
export function channelItems(
  channel: TopListChannel,
  state: Readonly<State>,
  texts: NameTexts,
): ListItem<never>[] | undefined {
  const toItem = (
    by: TopListDimension,
    name: string,
    count: number,
    { rest = false, visitors }: { rest?: boolean; visitors?: number },
  ): ListItem<never> => serverItem(by, { name, count, visitors, isRest: rest }, texts)
  switch (channel) {
    case 'activePages':
      return state.activePages?.map(row => toItem('path', row.path, row.visitors, row))
    case 'referrers':
      return state.referrers?.map(row => toItem('referrer', row.source, row.visitors, row))
    case 'countries':
      return state.countries?.map(row => toItem('country', row.country, row.visitors, row))
    case 'devices':
      return state.devices?.map(row => toItem('device', row.device, row.visitors, row))
    case 'events':
      return state.events?.map(row => toItem('name', row.name, row.count, row))
    case 'goals':
      return state.goals?.map(row => toItem('goal', row.goal, row.count, row))
    default:
      // A name that the types refuse.
      return []
  }
}

/** Converts one row of the server. */
export function serverItem(
  by: TopListDimension | 'property',
  { name, count, visitors, isRest, stats }: CommonRow,
  texts: NameTexts,
): ListItem<never> {
  return {
    key: name,
    name,
    label: readableName(by, name, texts),
    value: count,
    visitors,
    isRest,
    flag: flagOf(by, name),
    ...(stats && { stats }),
  }
}

function flagOf(by: TopListDimension | 'property', name: string): string | undefined {
  if (by === 'country') return countryFlag(name)
  return by === 'region' || by === 'city' ? countryFlag(countryOfPlace(name)) : undefined
}
