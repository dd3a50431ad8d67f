import { type ComputedRef, computed } from 'vue'
import type { RangeSelection } from '../history/range-selection.ts'
import { useHistory } from '../history/useHistory.ts'
import type { Settings } from '../settings/settings.ts'
import type { HostStatus } from '../status/connection-state.ts'
import {
  type DataSource,
  historySource,
  hostSource,
  liveSource,
  selectSource,
} from '../status/data-source.ts'
import { useRealtime } from '../useRealtime/useRealtime.ts'
import type { CountryVisitors } from './country-rows.ts'

/** Where the visitors of a map come from: the live state, the history of a range, or the host. */
export interface CountriesOptions {
  readonly items?: readonly CountryVisitors[] | undefined
  readonly status?: HostStatus | undefined
  readonly range?: RangeSelection | undefined
  /** Whether the host passes `items`, also while they are `undefined`. */
  readonly hasItems: boolean
}

/** Reads the visitors by country, of the source that the options name. */
export function useCountries(
  { config, paused }: Pick<Settings, 'config' | 'paused'>,
  options: () => CountriesOptions,
): { countries: ComputedRef<readonly CountryVisitors[] | undefined>; source: DataSource } {
  const kind = computed(() => {
    const { hasItems, range } = options()
    return hasItems ? 'items' : range ? 'history' : 'live'
  })
  const live = useRealtime(config, () => (kind.value === 'live' ? ['countries'] : []), { paused })
  const history = useHistory(
    config,
    () => {
      const { range } = options()
      return kind.value === 'history' && range ? { range, by: 'country' as const } : undefined
    },
    { paused },
  )
  const sources = {
    live: liveSource(live),
    history: historySource(history),
    items: hostSource(
      () => options().status,
      () => options().items !== undefined,
    ),
  }
  return {
    countries: computed(() => {
      if (kind.value === 'items') return options().items
      return kind.value === 'history' ? history.data.value?.rows : live.state.countries
    }),
    source: selectSource(() => sources[kind.value]),
  }
}
