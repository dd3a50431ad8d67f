import type { ChannelName, State } from '@tidemark/protocol'
import { type ComputedRef, type MaybeRefOrGetter, type Ref, computed, toValue } from 'vue'
import { useHistory } from '../history/useHistory.ts'
import { useSettings } from '../settings/useSettings.ts'
import {
  type DataSource,
  historySource,
  hostSource,
  liveSource,
  selectSource,
} from '../status/data-source.ts'
import { useRealtime } from '../useRealtime/useRealtime.ts'
import { changeOf, trendOf } from './change.ts'
import type {
  HistoryMetricOptions,
  HostMetricOptions,
  LiveMetricOptions,
  MetricOptions,
  Trend,
  ValueMetricOptions,
} from './metric-options.ts'

export interface UseMetricReturn {
  /** `undefined` until the first data, and for values that no event of the window has. */
  readonly value: ComputedRef<number | undefined>
  /** Number to compare with: of the range before, or of the host. */
  readonly previous: ComputedRef<number | undefined>
  /** Relative change since `previous`, such as 0.25; `undefined` without one, or from 0. */
  readonly change: ComputedRef<number | undefined>
  /** Direction of the change. A change below half a percent is stable. */
  readonly trend: ComputedRef<Trend | undefined>
  /** Whether data has arrived; `value` may still be `undefined` for values without events. */
  readonly hasData: ComputedRef<boolean>
  /** True until the first data or the first error. */
  readonly isLoading: Readonly<Ref<boolean>>
  /** Error of the last request, until one succeeds again. */
  readonly error: DataSource['error']
  /** State of the source, for a card. */
  readonly source: DataSource
  /** Requests the data now. */
  refresh(): Promise<void>
}

/**
 * Returns one number, from a live channel, from numeric values, from history, or from the host.
 *
 * In a component it reads data while the component is mounted, else with its effect scope. During server-side rendering
 * it does nothing.
 *
 * @param options reactive; the source may change
 */
export function useMetric(options: MaybeRefOrGetter<MetricOptions>): UseMetricReturn {
  const settings = useSettings()
  const selected = computed(() => selectKind(toValue(options)))
  const site = computed(() => selected.value.site?.config ?? settings.config.value)
  const paused = computed(() => selected.value.site?.paused === true || settings.paused.value)

  const channels = computed(() => channelsOf(selected.value))
  const live = useRealtime(site, channels, { paused })
  const history = useHistory(site, () => historyQuery(selected.value.history), { paused })
  const source = selectSource(
    selectableSources(() => selected.value, liveSource(live), historySource(history)),
  )

  const value = computed(() => {
    const { history: range, host } = selected.value
    if (host) return host.value
    return range ? history.data.value?.totals[range.metric] : liveValue(selected.value, live.state)
  })
  const previous = computed(() => {
    const { history: range, host } = selected.value
    if (host) return host.previous
    return range && history.data.value?.previous?.totals[range.metric]
  })
  const hasData = computed(() => {
    const { history: range, host } = selected.value
    if (host) return host.value !== undefined
    if (range) return history.data.value !== undefined
    return channels.value.every(name => live.state[name] !== undefined)
  })

  return {
    value,
    previous,
    change: computed(() => changeOf(value.value, previous.value)),
    trend: computed(() => trendOf(value.value, previous.value)),
    hasData,
    isLoading: source.isLoading,
    error: source.error,
    source,
    refresh: source.refresh,
  }
}

/** The options, by their kind. Exactly one of the four kinds is set; `site` is the same object as the kind that reads a site. */
interface SelectedOptions {
  readonly live?: LiveMetricOptions
  readonly values?: ValueMetricOptions
  readonly history?: HistoryMetricOptions
  readonly host?: HostMetricOptions
  readonly site?: Exclude<MetricOptions, HostMetricOptions>
}

function selectKind(options: MetricOptions): SelectedOptions {
  if ('channel' in options) return { live: options, site: options }
  if ('valueName' in options) return { values: options, site: options }
  if ('metric' in options) return { history: options, site: options }
  return { host: options }
}

type MetricChannels = Extract<ChannelName, 'currentVisitors' | 'pageViews' | 'values'>

function channelsOf({ live, values }: SelectedOptions): MetricChannels[] {
  if (live) return [live.channel]
  return values ? ['values'] : []
}

function liveValue(
  { live, values }: SelectedOptions,
  state: Readonly<Pick<State, MetricChannels>>,
): number | undefined {
  if (live) return state[live.channel]
  if (!values) return undefined
  const { valueName, stat = 'last', window = '1m' } = values
  const row = state.values?.find(({ name }) => name === valueName)
  // A window without events has no values; only their number and rate are known to be 0.
  const isEmpty = row?.[window].count === 0 && stat !== 'count' && stat !== 'rate'
  return isEmpty ? undefined : row?.[window][stat]
}

function historyQuery(options: HistoryMetricOptions | undefined) {
  if (!options) return undefined
  const { range = { last: '24h' }, compare } = options
  // Seconds have no figures of people.
  return { range, compare, finest: 'minute' } as const
}

function selectableSources(
  selected: () => SelectedOptions,
  live: DataSource,
  history: DataSource,
): () => DataSource {
  const host = hostSource(
    () => selected().host?.status,
    () => selected().host?.value !== undefined,
  )
  return () => {
    if (selected().host) return host
    return selected().history ? history : live
  }
}
