import { toLanguageTag } from '../text/locale.ts'
import type { chartTexts } from './en/chart.ts'
import type { counterTexts } from './en/counter.ts'
import type { dashboardTexts } from './en/dashboard.ts'
import type { dimensionTexts } from './en/dimensions.ts'
import type { errorTexts } from './en/errors.ts'
import type { feedTexts } from './en/feed.ts'
import type { indicatorTexts } from './en/indicator.ts'
import type { listTexts } from './en/list.ts'
import type { mapTexts } from './en/map.ts'
import type { metricTexts } from './en/metric.ts'
import type { trendTexts } from './en/trend.ts'
import type { nameTexts } from './en/names.ts'
import type { rangeTexts } from './en/range.ts'
import type { statusTexts } from './en/status.ts'
import type { tableTexts } from './en/table.ts'
import type { Message } from './message.ts'

/** Texts with the keys of a section; their placeholders are those of the English texts. */
type SectionOf<English> = { readonly [Key in keyof English]: Message }

/** Texts of the kit, one section for each part. */
export interface MessageSections {
  /** `TimeSeriesChart`, `LineChart` and `BarChart`. */
  chart: SectionOf<typeof chartTexts>
  /** `RealtimeCounter`. */
  counter: SectionOf<typeof counterTexts>
  /** `TidemarkDashboard`. */
  dashboard: SectionOf<typeof dashboardTexts>
  /** Lists by dimension of history. */
  dimensions: SectionOf<typeof dimensionTexts>
  /** Errors, by code. */
  errors: SectionOf<typeof errorTexts>
  /** `LiveActivityFeed`. */
  feed: SectionOf<typeof feedTexts>
  /** `ConnectionIndicator`. */
  indicator: SectionOf<typeof indicatorTexts>
  /** `TopList`, `GoalList` and `EventList`. */
  list: SectionOf<typeof listTexts>
  /** `VisitorsMap`. */
  map: SectionOf<typeof mapTexts>
  /** `MetricCard` and `ValuePanel`. */
  metric: SectionOf<typeof metricTexts>
  /** Directions of a change. */
  trend: SectionOf<typeof trendTexts>
  /** Names of devices and channels, of traffic without a source, and of unknown values. */
  names: SectionOf<typeof nameTexts>
  /** `RangePicker`. */
  range: SectionOf<typeof rangeTexts>
  /** States of a connection. */
  status: SectionOf<typeof statusTexts>
  /** `ActivityTable`. */
  table: SectionOf<typeof tableTexts>
}

interface MessagesLanguage {
  /** Language tag of the texts: `de`, `pt-BR`. */
  readonly locale: string
  /** Writing direction of the texts. @default 'ltr' */
  readonly dir?: 'ltr' | 'rtl'
}

/** Texts in one language. Missing sections and texts are in English. */
export type Messages = MessagesLanguage & {
  readonly [Section in keyof MessageSections]?: Partial<MessageSections[Section]>
}

/** Texts in one language, with every text of the kit. */
export type CompleteMessages = MessagesLanguage & Readonly<MessageSections>

/**
 * Returns the messages for a locale: those of the same tag, else of the longest shared prefix
 * (`de-AT` → `de`), else of the same language (`pt` → `pt-BR`).
 */
export function findMessages(
  available: Messages | readonly Messages[],
  locale: string,
): Messages | undefined {
  const byTag = new Map([available].flat().map(each => [toLanguageTag(each.locale), each]))
  const subtags = locale.split('-')
  for (let length = subtags.length; length > 0; length--) {
    const found = byTag.get(subtags.slice(0, length).join('-'))
    if (found) return found
  }
  const [language] = subtags
  return [...byTag].find(([tag]) => tag?.split('-')[0] === language)?.[1]
}
