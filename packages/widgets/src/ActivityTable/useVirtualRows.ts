import { defaultRangeExtractor, useVirtualizer } from '@tanstack/vue-virtual'
import {
  type ComputedRef,
  type Ref,
  computed,
  onMounted,
  onScopeDispose,
  shallowRef,
  watch,
} from 'vue'

export interface VirtualRowsOptions {
  /** Element that scrolls. */
  scroller: Readonly<Ref<HTMLElement | null>>
  /** Element as tall as a row. */
  probe: Readonly<Ref<HTMLElement | null>>
  count(): number
  /** Position of a row that stays in the document, also out of sight, because it has the focus. */
  activeIndex(): number
}

export interface VirtualRows {
  /** Rows in or near the visible part. `top` is the distance from the top of the table, in pixels. */
  readonly items: ComputedRef<readonly { index: number; top: number }[]>
  /** Height of a row, in pixels. */
  readonly rowHeight: Readonly<Ref<number>>
  /** Height of the heading and all rows, in pixels. */
  readonly totalHeight: ComputedRef<number>
  /** Number of rows that fit into the visible part. */
  readonly pageLength: ComputedRef<number>
  scrollTo(index: number): void
}

/** Height of a row without the style sheet. */
const plainRowHeight = 32

/** Returns the rows to draw of a long list with rows of one height. */
export function useVirtualRows(options: VirtualRowsOptions): VirtualRows {
  const rowHeight = shallowRef(plainRowHeight)
  const { probe, scroller } = options

  const virtualizer = useVirtualizer<HTMLElement, HTMLElement>(
    computed(() => {
      const activeIndex = options.activeIndex()
      const count = options.count()
      return {
        count,
        getScrollElement: () => scroller.value,
        estimateSize: () => rowHeight.value,
        overscan: 6,
        // The heading is as tall as a row, and stays at the top.
        paddingStart: rowHeight.value,
        scrollPaddingStart: rowHeight.value,
        initialRect: { width: 0, height: 400 },
        rangeExtractor: range => {
          const indexes = defaultRangeExtractor(range)
          const isMissing =
            activeIndex >= 0 && activeIndex < count && !indexes.includes(activeIndex)
          return isMissing ? [...indexes, activeIndex] : indexes
        },
      }
    }),
  )
  watch(rowHeight, () => virtualizer.value.measure())

  let observer: ResizeObserver | undefined
  function observe(element: HTMLElement | null): void {
    observer?.disconnect()
    if (!element) return
    observer = new ResizeObserver(([entry]) => {
      const height = entry?.borderBoxSize[0]?.blockSize ?? 0
      if (height > 0) rowHeight.value = height
    })
    observer.observe(element)
  }
  onMounted(() => watch(probe, observe, { immediate: true, flush: 'post' }))
  onScopeDispose(() => observer?.disconnect())

  return {
    items: computed(() =>
      virtualizer.value.getVirtualItems().map(({ index, start }) => ({ index, top: start })),
    ),
    rowHeight,
    totalHeight: computed(() => virtualizer.value.getTotalSize()),
    pageLength: computed(() => {
      const height = virtualizer.value.scrollRect?.height ?? 0
      return Math.max(Math.floor(height / rowHeight.value) - 2, 1)
    }),
    scrollTo: index => virtualizer.value.scrollToIndex(index),
  }
}
