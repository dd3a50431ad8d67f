import type { listTexts } from '../messages/en/list.ts'
import type { ListUnit } from '../useTopList/list-item.ts'
import type { TopListChannel, TopListDimension } from '../useTopList/list-source.ts'

type TextKey = keyof typeof listTexts

const titles: Readonly<Record<TopListDimension, TextKey>> = {
  path: 'pages',
  referrer: 'referrers',
  country: 'countries',
  device: 'devices',
  browser: 'browsers',
  os: 'systems',
  campaign: 'campaigns',
  name: 'events',
  goal: 'goals',
}

/** Source of a list, as far as its texts depend on it. */
interface TitledSource {
  readonly channel?: TopListChannel | undefined
  readonly by?: TopListDimension | undefined
}

/** Returns the key of a list's default title; `undefined` for items of the host. */
export function titleKey({ channel, by }: TitledSource): TextKey | undefined {
  return channel ?? (by && titles[by])
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
    case 'completions':
      return 'completionsColumn'
    case undefined:
      return 'numberColumn'
  }
}
