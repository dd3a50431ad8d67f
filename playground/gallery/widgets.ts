import {
  ConnectionIndicator,
  EventList,
  type FeedEntry,
  GoalList,
  LiveActivityFeed,
  MetricCard,
  RangePicker,
  RealtimeCounter,
  Sparkline,
  TopList,
  ValuePanel,
} from '@tidemark/widgets'
import { BarChart, LineChart, TimeSeriesChart } from '@tidemark/widgets/charts'
import { TidemarkDashboard } from '@tidemark/widgets/dashboard'
import { VisitorsMap } from '@tidemark/widgets/map'
import { ActivityTable } from '@tidemark/widgets/table'
import type { Component } from 'vue'
import { liveStateAt } from '../demo-data/live-state.ts'
import { type GalleryState, hostData, hostNumber, hostStatus } from './states.ts'

/** One use of a widget. */
export interface Variant {
  readonly name: string
  /** @default no props */
  props?(state: GalleryState): Readonly<Record<string, unknown>>
}

/** A widget of the gallery. The first variant appears in every state, the others appear with data. */
export interface GalleryWidget {
  readonly name: string
  readonly component: Component
  readonly variants: readonly Variant[]
  /** States of the first variant. @default all */
  readonly states?: readonly GalleryState[]
  /** Width of an item: about 20 or 30 rem, or the whole page. @default 'normal' */
  readonly width?: 'normal' | 'wide' | 'full'
}

const card = { headingLevel: 3 } as const

const sales = [
  { month: '2026-06-01', online: 84, store: 61 },
  { month: '2026-07-01', online: 97, store: 55 },
  { month: '2026-08-01', online: 103, store: 49 },
  { month: '2026-09-01', online: 131, store: 66 },
  { month: '2026-10-01', online: 158, store: 72 },
  { month: '2026-11-01', online: 212, store: 94 },
]

const brands = [
  { brand: 'Fjord', orders: 48 },
  { brand: 'Alpina', orders: 31 },
  { brand: 'Kestrel', orders: 17 },
]

/** Ten thousand page views, one a second. */
const manyEntries = (): readonly FeedEntry[] =>
  Array.from({ length: 10_000 }, (_, index) => ({
    id: `1-${index}`,
    type: 'pageview',
    name: 'page_view',
    path: `/products/${index}`,
    country: 'DE',
    device: 'desktop',
    timestamp: Date.now() - 1000 * index,
  }))

const minuteValues = (): readonly number[] =>
  liveStateAt(Date.now()).minuteSeries.map(({ pageViews }) => pageViews)

export const widgets: readonly GalleryWidget[] = [
  {
    name: 'RealtimeCounter',
    component: RealtimeCounter,
    variants: [
      { name: 'live', props: () => card },
      { name: 'sparkline', props: () => ({ ...card, sparkline: true, comparison: true }) },
      {
        name: 'host',
        props: state => ({ ...card, value: hostNumber(state, 1234), status: hostStatus(state) }),
      },
    ],
  },
  {
    name: 'MetricCard',
    component: MetricCard,
    variants: [
      { name: 'live', props: () => ({ ...card, channel: 'pageViews' }) },
      {
        name: 'history',
        props: () => ({ ...card, metric: 'visitors', range: { last: '7d' }, compare: 'previous' }),
      },
      {
        name: 'duration',
        props: () => ({ ...card, metric: 'sessionMs', range: { last: '7d' }, compare: 'previous' }),
      },
      {
        name: 'value',
        props: () => ({ ...card, valueName: 'requests_per_second', stat: 'last', unit: 'req/s' }),
      },
      {
        name: 'host',
        props: state => ({
          ...card,
          title: 'CPU',
          value: hostNumber(state, 62),
          previous: 71,
          goodTrend: 'down',
          unit: '%',
          status: hostStatus(state),
        }),
      },
    ],
  },
  {
    name: 'ValuePanel',
    component: ValuePanel,
    width: 'wide',
    variants: [
      { name: 'live', props: () => ({ ...card, units: { response_ms: 'ms' } }) },
      { name: 'history', props: () => ({ ...card, range: { last: '30d' } }) },
    ],
  },
  {
    name: 'ConnectionIndicator',
    component: ConnectionIndicator,
    variants: [
      { name: 'live' },
      {
        name: 'disconnected',
        props: () => ({ status: 'disconnected', retryAt: Date.now() + 5000 }),
      },
      { name: 'failed', props: () => ({ status: 'error', onRetry: () => undefined }) },
    ],
  },
  {
    name: 'TopList',
    component: TopList,
    variants: [
      { name: 'activePages', props: () => ({ ...card, channel: 'activePages' }) },
      {
        name: 'history',
        props: () => ({
          ...card,
          by: 'path',
          range: { last: '30d' },
          showColumns: true,
          sortable: true,
        }),
      },
      { name: 'channels', props: () => ({ ...card, by: 'channel', range: { last: '30m' } }) },
      {
        name: 'property',
        props: () => ({
          ...{ ...card, by: 'property', name: 'purchase', property: 'plan', stat: 'sum' },
          ...{ range: { last: '30d' }, showColumns: true },
        }),
      },
      { name: 'countries', props: () => ({ ...card, channel: 'countries', limit: 4 }) },
      { name: 'referrers', props: () => ({ ...card, channel: 'referrers', realtime: true }) },
      { name: 'devices', props: () => ({ ...card, channel: 'devices' }) },
      {
        name: 'items',
        props: state => ({
          ...card,
          title: 'Fjord, Alpina',
          items: hostData(state, brands),
          status: hostStatus(state),
          labelKey: 'brand',
          valueKey: 'orders',
        }),
      },
    ],
  },
  {
    name: 'GoalList',
    component: GoalList,
    variants: [
      { name: 'live', props: () => card },
      { name: 'history', props: () => ({ ...card, range: { last: '30d' } }) },
    ],
  },
  {
    name: 'EventList',
    component: EventList,
    variants: [
      { name: 'live', props: () => card },
      { name: 'history', props: () => ({ ...card, range: { last: '30d' }, showVisitors: true }) },
    ],
  },
  {
    name: 'VisitorsMap',
    component: VisitorsMap,
    width: 'wide',
    variants: [{ name: 'live', props: () => card }],
  },
  {
    name: 'LiveActivityFeed',
    component: LiveActivityFeed,
    variants: [
      { name: 'live', props: () => ({ ...card, showLocation: true }) },
      { name: 'filterable', props: () => ({ ...card, filterable: true, maxItems: 5 }) },
    ],
  },
  {
    name: 'ActivityTable',
    component: ActivityTable,
    width: 'wide',
    variants: [
      { name: 'live', props: () => ({ ...card, height: '14em' }) },
      {
        name: 'items',
        props: state => ({
          ...card,
          height: '14em',
          items: hostData(state, manyEntries()),
          status: hostStatus(state),
          filterable: false,
        }),
      },
    ],
  },
  {
    name: 'TimeSeriesChart',
    component: TimeSeriesChart,
    width: 'wide',
    variants: [
      { name: 'minutes', props: () => ({ ...card, channel: 'minuteSeries' }) },
      { name: 'seconds', props: () => ({ ...card, channel: 'secondSeries', metric: 'events' }) },
      {
        name: 'history',
        props: () => ({ ...card, range: { last: '30d' }, compare: 'previous', metric: 'visitors' }),
      },
      { name: 'hours', props: () => ({ ...card, range: { last: '24h' }, metric: 'bounceRate' }) },
    ],
  },
  {
    name: 'LineChart',
    component: LineChart,
    width: 'wide',
    variants: [
      {
        name: 'data',
        props: state => ({
          ...card,
          data: hostData(state, sales),
          status: hostStatus(state),
          xKey: 'month',
          yKeys: ['online', 'store'],
        }),
      },
    ],
  },
  {
    name: 'BarChart',
    component: BarChart,
    width: 'wide',
    variants: [
      {
        name: 'data',
        props: state => ({
          ...card,
          data: hostData(state, brands),
          status: hostStatus(state),
          xKey: 'brand',
          yKeys: 'orders',
        }),
      },
    ],
  },
  {
    name: 'Sparkline',
    component: Sparkline,
    states: ['data'],
    variants: [{ name: 'values', props: () => ({ values: minuteValues() }) }],
  },
  {
    name: 'RangePicker',
    component: RangePicker,
    states: ['data'],
    variants: [
      { name: 'last week', props: () => ({ modelValue: { last: '7d' } }) },
      { name: 'comparison', props: () => ({ modelValue: { last: '24h' }, compare: true }) },
      {
        name: 'dates',
        props: () => ({ modelValue: { from: '2026-10-01', to: '2026-10-31' } }),
      },
    ],
  },
  {
    name: 'TidemarkDashboard',
    component: TidemarkDashboard,
    width: 'full',
    states: ['data'],
    variants: [
      { name: 'live', props: () => ({ headingLevel: 3, title: 'Now' }) },
      { name: 'history', props: () => ({ headingLevel: 3, title: 'Before', view: 'history' }) },
    ],
  },
]

export const widgetNames: readonly string[] = widgets.map(({ name }) => name)
