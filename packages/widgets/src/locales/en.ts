import { chartTexts } from '../messages/en/chart.ts'
import { counterTexts } from '../messages/en/counter.ts'
import { dashboardTexts } from '../messages/en/dashboard.ts'
import { dimensionTexts } from '../messages/en/dimensions.ts'
import { errorTexts } from '../messages/en/errors.ts'
import { feedTexts } from '../messages/en/feed.ts'
import { indicatorTexts } from '../messages/en/indicator.ts'
import { listTexts } from '../messages/en/list.ts'
import { mapTexts } from '../messages/en/map.ts'
import { metricTexts } from '../messages/en/metric.ts'
import { trendTexts } from '../messages/en/trend.ts'
import { nameTexts } from '../messages/en/names.ts'
import { rangeTexts } from '../messages/en/range.ts'
import { statusTexts } from '../messages/en/status.ts'
import { tableTexts } from '../messages/en/table.ts'
import type { CompleteMessages } from '../messages/messages.ts'

/** English. The widgets contain these texts; import them to change some of them. */
export const en: CompleteMessages = {
  locale: 'en',
  chart: chartTexts,
  counter: counterTexts,
  dashboard: dashboardTexts,
  dimensions: dimensionTexts,
  errors: errorTexts,
  feed: feedTexts,
  indicator: indicatorTexts,
  list: listTexts,
  map: mapTexts,
  metric: metricTexts,
  trend: trendTexts,
  names: nameTexts,
  range: rangeTexts,
  status: statusTexts,
  table: tableTexts,
}
