import { type ShallowRef, shallowReadonly, shallowRef } from 'vue'
import { type IndexSpan, indexAt, minBrushPx, movedIndex, spanBetween } from './brush.ts'
import { type Plot, layoutOf } from './plot.ts'
import { isRtl } from './useChart.ts'
import type { Cursor } from './useCursor.ts'

export interface BrushOptions {
  readonly plot: () => Plot
  readonly cursor: Cursor
  /** Whether ranges can be selected. */
  readonly isEnabled: () => boolean
  readonly onSelect: (span: IndexSpan) => void
  /** Called for a click without a movement, and for Enter without a selection. */
  readonly onPick: (index: number, event: MouseEvent | KeyboardEvent) => void
}

/** Handlers of the element that covers the plot. */
export interface Brush {
  /** Range that is being selected. */
  readonly pending: Readonly<ShallowRef<IndexSpan | undefined>>
  onPointerDown(event: PointerEvent): void
  onPointerMove(event: PointerEvent): void
  onPointerUp(event: PointerEvent): void
  onPointerLeave(event: PointerEvent): void
  onKeyDown(event: KeyboardEvent): void
  onKeyUp(event: KeyboardEvent): void
  cancel(): void
}

/** Moves the cursor and selects ranges, by pointer, touch and keyboard. */
export function useBrush({ plot, cursor, isEnabled, onSelect, onPick }: BrushOptions): Brush {
  const pending = shallowRef<IndexSpan>()
  /** Start of a drag. */
  let drag: { readonly index: number; readonly x: number } | undefined
  /** Fixed end of a selection by keyboard. */
  let anchor: number | undefined

  function cancel(): void {
    pending.value = undefined
    drag = undefined
    anchor = undefined
  }

  function select(): void {
    const span = pending.value
    cancel()
    // Between two points of a line there is a range; a single point has none.
    if (span && (span.first < span.last || plot().kind === 'bar')) onSelect(span)
  }

  function indexOf({ clientX, currentTarget }: PointerEvent): number | undefined {
    if (!(currentTarget instanceof Element) || plot().count === 0) return undefined
    const { left, width } = currentTarget.getBoundingClientRect()
    const fraction = (clientX - left) / width
    return indexAt(isRtl(currentTarget) ? 1 - fraction : fraction, layoutOf(plot()))
  }

  function onKeyDown(event: KeyboardEvent): void {
    const { key, shiftKey, currentTarget } = event
    if (key === 'Escape') {
      if (pending.value) cancel()
      else cursor.hide()
      return
    }
    if (key === 'Enter') {
      if (pending.value) select()
      else if (cursor.index.value !== undefined) onPick(cursor.index.value, event)
      return
    }
    if (!(currentTarget instanceof Element)) return
    const { count } = plot()
    const from = cursor.index.value ?? count - 1
    const target = movedIndex(key, from, count, isRtl(currentTarget))
    if (target === undefined) return
    event.preventDefault()
    if (shiftKey && isEnabled()) {
      anchor ??= from
      pending.value = spanBetween(anchor, target)
    } else cancel()
    cursor.moveTo(target)
  }

  return {
    pending: shallowReadonly(pending),
    cancel,
    onKeyDown,
    onKeyUp: ({ key }) => {
      if (key === 'Shift' && pending.value) select()
    },
    onPointerDown(event) {
      const index = indexOf(event)
      if (event.button !== 0 || index === undefined) return
      drag = { index, x: event.clientX }
      if (event.currentTarget instanceof Element)
        event.currentTarget.setPointerCapture(event.pointerId)
      cursor.moveTo(index)
    },
    onPointerMove(event) {
      const index = indexOf(event)
      if (index === undefined) return
      cursor.moveTo(index)
      const isFar = drag !== undefined && Math.abs(event.clientX - drag.x) >= minBrushPx
      if (drag && isEnabled() && (pending.value || isFar))
        pending.value = spanBetween(drag.index, index)
    },
    onPointerUp(event) {
      const clicked = pending.value ? undefined : drag?.index
      select()
      if (clicked !== undefined) onPick(clicked, event)
    },
    onPointerLeave({ pointerType }) {
      // After a touch the tooltip stays, until the chart loses the focus.
      if (pointerType === 'mouse' && !drag) cursor.hide()
    },
  }
}
