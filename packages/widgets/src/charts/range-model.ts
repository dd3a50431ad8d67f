import { type Ref, computed, shallowRef } from 'vue'
import type { RangeSelection } from '../history/range-selection.ts'
import type { TimeRange } from './brush.ts'

export interface RangeModel {
  /** Whether the range was selected in the chart. */
  readonly isBrushed: Readonly<Ref<boolean>>
  /** Sets a selected range. */
  brush(range: TimeRange): void
  /** Returns to the range before the first selection. */
  reset(): void
}

/** Returns the selection of a chart. A range that the host sets afterwards is a new start. */
export function useRangeModel(range: Ref<RangeSelection | undefined>): RangeModel {
  const selected = shallowRef<{ range: TimeRange; before: RangeSelection | undefined }>()

  const isBrushed = computed(() => {
    const [current, brushed] = [range.value, selected.value?.range]
    if (!current || !brushed || !('from' in current)) return false
    return current.from === brushed.from && current.to === brushed.to
  })

  return {
    isBrushed,
    brush(next) {
      const before = isBrushed.value ? selected.value?.before : range.value
      selected.value = { range: next, before }
      range.value = next
    },
    reset() {
      if (!isBrushed.value) return
      range.value = selected.value?.before
      selected.value = undefined
    },
  }
}
