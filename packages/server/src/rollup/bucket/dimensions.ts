import {
  type ChannelName,
  type HistoryDimension,
  eventNames,
  historyDimensionNames,
  historyDimensions,
} from '@tidemark/protocol'
import type { SiteEvent } from '../event.ts'

/** Dimensions by which buckets count events. */
export type Dimension = HistoryDimension
export const dimensions: readonly Dimension[] = historyDimensionNames

/** How buckets count by one dimension. `historyDimensions` of the protocol has its count field and finest bucket. */
export interface DimensionSpec {
  /**
   * Events that count: page views, all events, events of bots, or those of one name. Only `bots` includes bots. Sessions
   * are counted by `fold/count-visit.ts`, in the bucket where they start.
   */
  readonly counts: 'views' | 'events' | 'bots' | 'sessions' | { readonly event: string }
  /** Returns the name or names by which an event counts; `undefined` for none. */
  readonly namesIn: (event: SiteEvent) => string | readonly string[] | undefined
  /** Whether events of one group may differ in the name, so that each event counts by itself. @default false */
  readonly isPerEvent?: true
  /** Most names in a bucket, if fewer than `maxBreakdownRows`. @default maxBreakdownRows */
  readonly maxRows?: number
  /** The live channel with the same figures: a reader needs it. @default a scope without channels and paths */
  readonly channel?: ChannelName
}

/** Name of the row for page views without a path. */
export const noPath = '(none)'
const unknown = '(unknown)'
/** Names of a dimension that starts at hours. */
const maxHourRows = 300

/** Counts the automatic events of one name by their detail. */
function countsDetailOf(event: string): DimensionSpec {
  return { counts: { event }, namesIn: ({ detail }) => detail, maxRows: maxHourRows }
}

/** All dimensions. A new one needs a row here and in `historyDimensions` of the protocol. */
export const dimensionSpecs: Readonly<Record<Dimension, DimensionSpec>> = {
  path: {
    counts: 'views',
    namesIn: ({ path = noPath }) => path,
    isPerEvent: true,
    channel: 'activePages',
  },
  // A page view that followed an internal link has no source and counts for none.
  referrer: { counts: 'views', namesIn: ({ origin }) => origin.source, channel: 'referrers' },
  country: {
    counts: 'views',
    namesIn: ({ sender }) => sender.country ?? unknown,
    channel: 'countries',
  },
  device: { counts: 'views', namesIn: ({ sender }) => sender.device, channel: 'devices' },
  browser: { counts: 'views', namesIn: ({ sender }) => sender.browser },
  os: { counts: 'views', namesIn: ({ sender }) => sender.os },
  campaign: { counts: 'views', namesIn: ({ origin }) => origin.campaign },
  name: { counts: 'events', namesIn: ({ name }) => name, channel: 'events' },
  goal: { counts: 'events', namesIn: ({ goals }) => goals, channel: 'goals' },
  medium: { counts: 'views', namesIn: ({ origin }) => origin.medium, maxRows: maxHourRows },
  term: { counts: 'views', namesIn: ({ origin }) => origin.term, maxRows: maxHourRows },
  content: { counts: 'views', namesIn: ({ origin }) => origin.content, maxRows: maxHourRows },
  channel: { counts: 'views', namesIn: ({ origin }) => origin.channel ?? unknown, maxRows: 20 },
  // Rows have source and page; a query splits them.
  referringPage: { counts: 'views', namesIn: ({ origin }) => origin.referringPage },
  hostName: {
    counts: 'views',
    namesIn: ({ origin }) => origin.hostName ?? unknown,
    maxRows: maxHourRows,
  },
  clickId: { counts: 'views', namesIn: ({ origin }) => origin.clickId, maxRows: maxHourRows },
  outbound: countsDetailOf(eventNames.outbound),
  download: countsDetailOf(eventNames.download),
  entryPage: { counts: 'sessions', namesIn: () => undefined, maxRows: maxHourRows },
  exitPage: { counts: 'sessions', namesIn: () => undefined, maxRows: maxHourRows },
  form: countsDetailOf(eventNames.formSubmit),
  notFound: countsDetailOf(eventNames.notFound),
  search: countsDetailOf(eventNames.siteSearch),
  bot: { counts: 'bots', namesIn: ({ sender }) => sender.bot, maxRows: maxHourRows },
  browserVersion: {
    counts: 'views',
    namesIn: ({ sender }) => sender.browserVersion,
    maxRows: maxHourRows,
  },
  osVersion: { counts: 'views', namesIn: ({ sender }) => sender.osVersion, maxRows: maxHourRows },
  screen: { counts: 'views', namesIn: ({ sender }) => sender.screen ?? unknown },
  language: {
    counts: 'views',
    namesIn: ({ sender }) => sender.language ?? unknown,
    maxRows: maxHourRows,
  },
  // A server without a file of regions and cities counts none.
  region: { counts: 'views', namesIn: ({ sender }) => sender.region },
  city: { counts: 'views', namesIn: ({ sender }) => sender.city },
}

/** Parts in which a bucket is stored. A query for one part reads no other. */
export type PartName = 'totals' | Dimension | 'values' | 'properties'
export const partNames: readonly PartName[] = ['totals', ...dimensions, 'values', 'properties']

/** Tiers in which parts start: events are counted in buckets of this length. Coarser buckets are merged from them. */
export type FirstTier = 'minute' | 'hour'

export function isDimension(part: PartName): part is Dimension {
  return part !== 'totals' && part !== 'values' && part !== 'properties'
}

/** Returns the tier in which a part starts. */
export function firstTierOf(part: PartName): FirstTier {
  if (part === 'properties') return 'hour'
  return isDimension(part) ? historyDimensions[part].finest : 'minute'
}

/** Returns the parts that start in a tier, in the order of `partNames`. */
export function partsOf(tier: FirstTier): readonly PartName[] {
  return partNames.filter(part => firstTierOf(part) === tier)
}
