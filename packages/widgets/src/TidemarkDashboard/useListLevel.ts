import { type ComputedRef, type Ref, computed, ref, shallowRef, watch } from 'vue'
import type { RangeSelection } from '../history/range-selection.ts'
import type {
  EventsSource,
  HistorySource,
  PropertySource,
  ReferringPageSource,
  TopListDimension,
} from '../useTopList/list-source.ts'
import type { RowsFilter } from './row-selection.ts'

/** Tab of a card: a dimension, or the map of the countries. */
export type ListTab = TopListDimension | 'property' | 'map'

export interface ListLevel {
  readonly tab: Ref<ListTab>
  /** Dimension of the open tab. */
  readonly shown: ComputedRef<TopListDimension | 'property'>
  /** Rows that the list shows; empty for all rows of the dimension. The same object until it changes. */
  readonly filter: Readonly<Ref<RowsFilter>>
  /** Names that lead to the list: a referrer, or an event and its property. */
  readonly path: ComputedRef<readonly string[]>
  /** Whether a row leads one level down: an event to its properties, a property to its values. */
  readonly canOpen: ComputedRef<boolean>
  /** Returns the source of the list. */
  source(range: RangeSelection): HistorySource | ReferringPageSource | EventsSource | PropertySource
  /** Shows the pages of a referrer. */
  openReferrer(referrer: string): void
  /** Shows the properties of an event, or the values of a property. */
  openProperty(name: string): void
  /** Returns one level up. */
  back(): void
}

/** Returns the open list of a card, and the way to the lists below it. @param first tab that is open at first */
export function useListLevel(first: () => ListTab): ListLevel {
  const tab: Ref<ListTab> = ref(first())
  const filter = shallowRef<RowsFilter>({})
  const shown = computed(() => (tab.value === 'map' ? 'country' : tab.value))
  // Another tab has all of its rows.
  watch(tab, () => (filter.value = {}), { flush: 'sync' })

  return {
    tab,
    shown,
    filter,
    path: computed(() => {
      const { name, property, referrer } = filter.value
      return [referrer, name, property].filter(part => part !== undefined)
    }),
    canOpen: computed(() => shown.value === 'property' && filter.value.property === undefined),
    source(range) {
      const { name, property, referrer } = filter.value
      if (shown.value !== 'property') {
        return referrer === undefined
          ? { by: shown.value, range }
          : { by: 'referringPage', range, referrer }
      }
      return name === undefined
        ? { by: 'property', range }
        : { by: 'property', range, name, property }
    },
    openReferrer(referrer) {
      tab.value = 'referringPage'
      filter.value = { referrer }
    },
    openProperty(row) {
      const { name } = filter.value
      filter.value = name === undefined ? { name: row } : { name, property: row }
    },
    back() {
      const { name, property, referrer } = filter.value
      if (referrer !== undefined) tab.value = 'referrer'
      filter.value = property === undefined ? {} : { name }
    },
  }
}
