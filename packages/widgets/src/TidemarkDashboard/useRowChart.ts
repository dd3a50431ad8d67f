import { type ComponentPublicInstance, type Ref, nextTick, shallowRef } from 'vue'
import { useSettings } from '../settings/useSettings.ts'
import { type RowSelection, isSameRow } from './row-selection.ts'

export interface RowChartSelection {
  /** Row of the series in the chart. */
  readonly selected: Readonly<Ref<RowSelection | undefined>>
  /** Opens the series of a row, moves the focus to it, and scrolls it into view. Closes that of the selected row. */
  toggle(row: RowSelection): Promise<void>
  /** Closes the series, and returns the focus to the row. */
  close(): void
  /** Closes the series, for another reason than a click. */
  clear(): void
}

/** Returns the row that is selected in a dashboard. @param chart the chart that shows its series */
export function useRowChart(
  chart: Readonly<Ref<ComponentPublicInstance | null>>,
): RowChartSelection {
  const { animate } = useSettings()
  const selected = shallowRef<RowSelection>()
  let opener: HTMLElement | undefined

  /** Lists are far below the chart, so that a click would seem to do nothing. */
  function show(): void {
    const element: unknown = chart.value?.$el
    if (!(element instanceof HTMLElement)) return
    element.focus({ preventScroll: true })
    const isStill = !animate.value || matchMedia('(prefers-reduced-motion: reduce)').matches
    element.scrollIntoView({ block: 'nearest', behavior: isStill ? 'auto' : 'smooth' })
  }

  return {
    selected,
    async toggle(row) {
      const isSame = isSameRow(selected.value, row)
      selected.value = isSame ? undefined : row
      if (isSame) return
      opener = document.activeElement instanceof HTMLElement ? document.activeElement : undefined
      await nextTick()
      show()
    },
    close() {
      selected.value = undefined
      opener?.focus()
    },
    clear: () => void (selected.value = undefined),
  }
}
