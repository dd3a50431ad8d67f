import { type Ref, readonly, shallowRef, watch } from 'vue'
import type { IndexSpan } from './brush.ts'
import { type PlotTexts, describePoint } from './describe-plot.ts'
import type { Plot } from './plot.ts'
import type { Cursor } from './useCursor.ts'

/** A point as a screen reader announces it. */
export interface SpokenPoint {
  /** Number of the point, from 1. */
  readonly number: number
  readonly text: string
}

export interface SpokenPointOptions {
  readonly plot: () => Plot
  readonly texts: () => PlotTexts
  readonly cursor: Cursor
  /** Range that is being selected. */
  readonly pending: Readonly<Ref<IndexSpan | undefined>>
  readonly isFocused: Readonly<Ref<boolean>>
}

/**
 * Returns the point to announce: that of the cursor, else the last one. While the chart has the focus, the point
 * changes only when the reader moves, so that a live chart does not talk all the time.
 */
export function useSpokenPoint(options: SpokenPointOptions): Readonly<Ref<SpokenPoint>> {
  const { plot, texts, cursor, pending, isFocused } = options

  function describe(): SpokenPoint {
    const { count, nameOf, pastCount = count } = plot()
    const index = cursor.index.value ?? pastCount - 1
    const span = pending.value
    if (index < 0) return { number: 1, text: texts().t('noData') }
    const text = span
      ? texts().t('selected', { from: nameOf(span.first), to: nameOf(span.last) })
      : describePoint(plot(), index, texts())
    return { number: index + 1, text }
  }

  const spoken = shallowRef(describe())
  watch([cursor.moves, pending], () => (spoken.value = describe()))
  watch([plot, texts, isFocused], () => {
    if (!isFocused.value) spoken.value = describe()
  })
  return readonly(spoken)
}
