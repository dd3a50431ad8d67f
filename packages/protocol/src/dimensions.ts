/** A dimension of history, a value of `by` in `GET metrics`, as readers see it. */
export interface HistoryDimensionSpec {
  /** Field of a row that has its count. */
  readonly count: 'pageViews' | 'events' | 'count' | 'sessions'
  /** The finest granularity that counts by the dimension. */
  readonly finest: 'minute' | 'hour'
}

/** The dimensions of history. A row has its name in the field of the dimension's name. */
export const historyDimensions = {
  path: { count: 'pageViews', finest: 'minute' },
  referrer: { count: 'pageViews', finest: 'minute' },
  country: { count: 'pageViews', finest: 'minute' },
  device: { count: 'pageViews', finest: 'minute' },
  browser: { count: 'pageViews', finest: 'minute' },
  os: { count: 'pageViews', finest: 'minute' },
  campaign: { count: 'pageViews', finest: 'minute' },
  name: { count: 'events', finest: 'minute' },
  goal: { count: 'count', finest: 'minute' },
  medium: { count: 'pageViews', finest: 'hour' },
  term: { count: 'pageViews', finest: 'hour' },
  content: { count: 'pageViews', finest: 'hour' },
  channel: { count: 'pageViews', finest: 'hour' },
  referringPage: { count: 'pageViews', finest: 'hour' },
  hostName: { count: 'pageViews', finest: 'hour' },
  clickId: { count: 'pageViews', finest: 'hour' },
  entryPage: { count: 'sessions', finest: 'hour' },
  exitPage: { count: 'sessions', finest: 'hour' },
  outbound: { count: 'events', finest: 'hour' },
  download: { count: 'events', finest: 'hour' },
  form: { count: 'events', finest: 'hour' },
  notFound: { count: 'events', finest: 'hour' },
  search: { count: 'events', finest: 'hour' },
  bot: { count: 'events', finest: 'hour' },
  browserVersion: { count: 'pageViews', finest: 'hour' },
  osVersion: { count: 'pageViews', finest: 'hour' },
  screen: { count: 'pageViews', finest: 'hour' },
  language: { count: 'pageViews', finest: 'hour' },
  region: { count: 'pageViews', finest: 'hour' },
  city: { count: 'pageViews', finest: 'hour' },
} as const

export type HistoryDimension = keyof typeof historyDimensions

/** Names of all dimensions, in the order of the documentation. */
export const historyDimensionNames: readonly HistoryDimension[] = Object.keys(
  historyDimensions,
) as HistoryDimension[]
