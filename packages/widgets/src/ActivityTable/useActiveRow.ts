import { type ComputedRef, type Ref, computed, nextTick, shallowRef, watch } from 'vue'
import type { TableRow } from './table-rows.ts'

export interface ActiveRowOptions<Row extends object> {
  scroller: Readonly<Ref<HTMLElement | null>>
  rows(): readonly TableRow<Row>[]
  /** Number of rows that Page Up and Page Down move by. */
  pageLength(): number
  scrollTo(index: number): void
}

export interface ActiveRow<Row extends object> {
  /** Position of the row that the reader has clicked or focused; -1 for none. */
  readonly index: ComputedRef<number>
  readonly row: ComputedRef<TableRow<Row> | undefined>
  readonly listeners: {
    onFocusin(event: FocusEvent): void
    onKeydown(event: KeyboardEvent): void
  }
}

/** Lets the reader move through the rows of a table by keyboard. The row keeps the focus when rows arrive above it. */
export function useActiveRow<Row extends object>(options: ActiveRowOptions<Row>): ActiveRow<Row> {
  const { scroller } = options
  const activeKey = shallowRef<string>()
  const index = computed(() => {
    const key = activeKey.value
    return key === undefined ? -1 : options.rows().findIndex(row => row.key === key)
  })
  const row = computed(() => options.rows()[index.value])

  async function moveTo(target: number): Promise<void> {
    const next = Math.min(Math.max(target, 0), options.rows().length - 1)
    activeKey.value = options.rows()[next]?.key
    options.scrollTo(next)
    await nextTick()
    rowElement(next)?.focus({ preventScroll: true })
  }

  function rowElement(position: number): HTMLElement | undefined {
    return scroller.value?.querySelector<HTMLElement>(`[data-tm-index="${position}"]`) ?? undefined
  }

  function steps(key: string): number | undefined {
    switch (key) {
      case 'ArrowDown':
        return 1
      case 'ArrowUp':
        return -1
      case 'PageDown':
        return options.pageLength()
      case 'PageUp':
        return -options.pageLength()
      case 'Home':
        return -Infinity
      case 'End':
        return Infinity
      default:
        return undefined
    }
  }

  // A removed element takes the focus with it; the next Tab would start at the top of the page.
  watch(index, (current, previous) => {
    if (current >= 0 || previous < 0) return
    activeKey.value = undefined
    if (scroller.value?.contains(document.activeElement)) scroller.value.focus()
  })

  return {
    index,
    row,
    listeners: {
      onFocusin({ target }) {
        const focused = target instanceof Element && target.closest('[data-tm-index]')
        if (!focused) return
        activeKey.value = options.rows()[Number(focused.getAttribute('data-tm-index'))]?.key
      },
      onKeydown(event) {
        if (event.key === 'Escape') activeKey.value = undefined
        const { target } = event
        const isOnRow = target instanceof Element && target.hasAttribute('data-tm-index')
        const count = steps(event.key)
        if (!isOnRow || count === undefined) return
        event.preventDefault()
        void moveTo(Number(target.getAttribute('data-tm-index')) + count)
      },
    },
  }
}
