import type { dimensionTexts } from '../messages/en/dimensions.ts'
import type { listTexts } from '../messages/en/list.ts'
import type { Translate } from '../settings/useTexts.ts'
import type { ListUnit } from '../useTopList/list-item.ts'
import type { TopListChannel, TopListDimension } from '../useTopList/list-source.ts'

type TextKey = keyof typeof listTexts

/** Dimensions of the history with the rows of live channels. */
const channelDimensions = {
  referrers: 'referrer',
  countries: 'country',
  devices: 'device',
  events: 'name',
  goals: 'goal',
} as const satisfies Partial<Record<TopListChannel, TopListDimension>>

/** Source of a list, as far as its texts depend on it. */
interface TitledSource {
  readonly channel?: TopListChannel | undefined
  readonly by?: TopListDimension | 'property' | undefined
  readonly referrer?: string | undefined
  readonly name?: string | undefined
  readonly property?: string | undefined
}

/** Returns the default title of a list; empty for items of the host. */
export function defaultTitle(
  { channel, by, referrer, name, property }: TitledSource,
  list: Translate<TextKey>,
  dimension: Translate<keyof typeof dimensionTexts>,
): string {
  if (channel === 'activePages') return list('activePages')
  if (channel) return dimension(channelDimensions[channel])
  const of = [referrer ?? name, property].filter(part => part !== undefined).join(': ')
  return by ? of || dimension(by) : ''
}

/** Returns the key of the text for an empty list. */
export function emptyKey({ channel, by }: TitledSource): TextKey {
  if (by) return 'emptyRange'
  if (channel === 'events') return 'emptyEvents'
  if (channel === 'goals') return 'emptyGoals'
  return channel ? 'emptyLive' : 'empty'
}

/** Returns the key of the heading above the numbers. */
export function columnKey(unit: ListUnit | undefined): TextKey {
  switch (unit) {
    case 'visitors':
      return 'visitorsColumn'
    case 'pageViews':
      return 'pageViewsColumn'
    case 'events':
      return 'eventsColumn'
    case 'sessions':
      return 'sessionsColumn'
    case 'completions':
      return 'completionsColumn'
    case undefined:
      return 'numberColumn'
  }
}
