export type {
  ChannelName,
  FeedEntry,
  FeedEntryType,
  PropertyValueRow,
  ValueStats,
} from '@tidemark/protocol'
export { type RealtimeConfig, type SiteConfig } from './config.ts'
export { default as ConnectionIndicator } from './ConnectionIndicator/ConnectionIndicator.vue'
export {
  type RealtimePoller,
  type RealtimePollerOptions,
  createRealtimePoller,
} from './createRealtimePoller/createRealtimePoller.ts'
export {
  type DashboardMetricsQuery,
  type DashboardRealtimeQuery,
  fetchDashboardData,
} from './fetchDashboardData/fetchDashboardData.ts'
export { type MetricsQuery, type MetricsTime, fetchMetrics } from './fetchMetrics/fetchMetrics.ts'
export {
  type BreakdownDimension,
  type Granularity,
  type Metrics,
  type BreakdownBucket,
  type DetailedTotals,
  type HourDimension,
  type MetricsBreakdown,
  type MetricsBucket,
  type MetricsRow,
  type MetricsSeries,
  type MetricsTotals,
  type MissingRange,
  type PreviousMetrics,
  type PropertyFilter,
  type ValueMetricsRow,
} from './fetchMetrics/metrics.ts'
export {
  type SnapshotOf,
  type SnapshotQuery,
  fetchSnapshot,
} from './fetchSnapshot/fetchSnapshot.ts'
export { type CardSlots } from './card/card-slots.ts'
export { type WidgetProps } from './card/widget-props.ts'
export { type HistoryQuery } from './history/history-query.ts'
export {
  type RangeLength,
  type RangeSelection,
  type ResolvedRange,
} from './history/range-selection.ts'
export { previousRange, resolveRange } from './history/resolve-range.ts'
export { type UseHistoryOptions, type UseHistoryReturn, useHistory } from './history/useHistory.ts'
export { default as EventList } from './EventList/EventList.vue'
export { default as GoalList } from './GoalList/GoalList.vue'
export { default as LiveActivityFeed } from './LiveActivityFeed/LiveActivityFeed.vue'
export { default as RangePicker } from './RangePicker/RangePicker.vue'
export { default as MetricCard } from './MetricCard/MetricCard.vue'
export { type MetricCardProps } from './MetricCard/metric-card-props.ts'
export { default as RealtimeCounter } from './RealtimeCounter/RealtimeCounter.vue'
export { default as Sparkline } from './Sparkline/Sparkline.vue'
export { type RequestOptions } from './request/request-json.ts'
export { TidemarkError } from './request/tidemark-error.ts'
export { type Message, type MessageParams, type PluralMessage } from './messages/message.ts'
export { type CompleteMessages, type Messages, type MessageSections } from './messages/messages.ts'
export { TidemarkPlugin, provideTidemark } from './settings/plugin.ts'
export {
  type Appearance,
  type TidemarkOptions,
  type WidgetDensity,
  type WidgetSize,
} from './settings/settings.ts'
export {
  type ConnectionState,
  type HostStatus,
  connectionState,
} from './status/connection-state.ts'
export { type DataSource } from './status/data-source.ts'
export { type ClientFactory, type Subscriber, type Subscription } from './store/connection.ts'
export { type ConnectionInfo } from './store/connection-info.ts'
export { type TidemarkStore, useTidemarkStore } from './store/useTidemarkStore.ts'
export { type NumberFormat } from './text/format-number.ts'
export { type Theme } from './theme/theme.ts'
export { default as TopList } from './TopList/TopList.vue'
export { type UseFeedOptions, type UseFeedReturn, useFeed } from './useFeed/useFeed.ts'
export { type ListProps, type ListSlots } from './TopList/list-props.ts'
export { type ListRowSlots } from './TopList/row-options.ts'
export {
  type RealtimeState,
  type UseRealtimeOptions,
  type UseRealtimeReturn,
  useRealtime,
} from './useRealtime/useRealtime.ts'
export { type SeriesDatum } from './useSeries/data-points.ts'
export {
  type DataSeriesOptions,
  type HistorySeriesOptions,
  type LiveSeriesOptions,
  type SeriesChannel,
  type SeriesOptions,
} from './useSeries/series-options.ts'
export {
  type GapReason,
  type LiveMetric,
  type PartialReason,
  type SeriesMetric,
  type SeriesPoint,
} from './useSeries/series-point.ts'
export { type UseSeriesReturn, useSeries } from './useSeries/useSeries.ts'
export { type ListRow, type ListUnit } from './useTopList/list-item.ts'
export {
  type ChannelSource,
  type EventsSource,
  type HistorySource,
  type ItemsSource,
  type ListSource,
  type PropertySource,
  type PropertyStat,
  type ReferringPageSource,
  type TopListChannel,
  type TopListDimension,
  type TopListSort,
} from './useTopList/list-source.ts'
export { type TimeSpan } from './useTopList/useListItems.ts'
export {
  type TopListOptions,
  type TopListSettings,
  type UseTopListReturn,
  useTopList,
} from './useTopList/useTopList.ts'
export {
  type HistoryMetricOptions,
  type HostMetricOptions,
  type LiveMetricOptions,
  type MetricChannel,
  type MetricName,
  type MetricOptions,
  type Trend,
  type ValueMetricOptions,
  type ValueStat,
  type ValueWindowName,
} from './useMetric/metric-options.ts'
export { type UseMetricReturn, useMetric } from './useMetric/useMetric.ts'
export { default as ValuePanel } from './ValuePanel/ValuePanel.vue'
