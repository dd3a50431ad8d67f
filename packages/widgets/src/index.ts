export { type RealtimeConfig } from './config.ts'
export { default as ConnectionIndicator } from './ConnectionIndicator/ConnectionIndicator.vue'
export { type ConnectionState, connectionState } from './ConnectionIndicator/connection-state.ts'
export {
  type RealtimePoller,
  type RealtimePollerOptions,
  createRealtimePoller,
} from './createRealtimePoller/createRealtimePoller.ts'
export {
  type DashboardMetrics,
  type Granularity,
  type MetricsBucket,
  type MetricsTotals,
} from './fetchDashboardData/answers.ts'
export { DashboardError } from './fetchDashboardData/dashboard-error.ts'
export {
  type DashboardConfig,
  type MetricsQuery,
  type RealtimeQuery,
  fetchDashboardData,
} from './fetchDashboardData/fetchDashboardData.ts'
export { default as LiveActivityFeed } from './LiveActivityFeed/LiveActivityFeed.vue'
export { default as RealtimeCounter } from './RealtimeCounter/RealtimeCounter.vue'
export { type ClientFactory, type Subscriber, type Subscription } from './store/connection.ts'
export { type TidemarkStore, useTidemarkStore } from './store/useTidemarkStore.ts'
export { default as TopList } from './TopList/TopList.vue'
export { type TopListChannel } from './TopList/channel-items.ts'
export {
  type RealtimeState,
  type UseRealtimeReturn,
  useRealtime,
} from './useRealtime/useRealtime.ts'
