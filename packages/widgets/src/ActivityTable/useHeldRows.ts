import { type ComputedRef, computed, shallowRef } from 'vue'
import type { TableRow } from './table-rows.ts'

/** Counting further helps no reader. */
export const maxNewCount = 999

export interface HeldRows<Row extends object> {
  readonly rows: ComputedRef<readonly TableRow<Row>[] | undefined>
  /** Number of rows that are held back, at most 999. */
  readonly newCount: ComputedRef<number>
  /** Shows the rows that are held back. */
  showNew(): void
}

interface Shown<Row extends object> {
  readonly rows: readonly TableRow<Row>[] | undefined
  readonly site: unknown
  readonly releaseCount: number
}

/**
 * Holds new rows back while the reader is busy with the table.
 * @param site identifies the source; rows of another source are never held back
 */
export function useHeldRows<Row extends object>(
  current: () => readonly TableRow<Row>[] | undefined,
  isHeld: () => boolean,
  site: () => unknown,
): HeldRows<Row> {
  const releaseCount = shallowRef(0)
  const shown = computed<Shown<Row>>(previous => {
    const rows = current()
    const isKept =
      isHeld() &&
      previous?.rows !== undefined &&
      previous.site === site() &&
      previous.releaseCount === releaseCount.value
    return isKept ? previous : { rows, site: site(), releaseCount: releaseCount.value }
  })
  return {
    rows: computed(() => shown.value.rows),
    newCount: computed(() => {
      const rows = current()
      if (!rows || rows === shown.value.rows) return 0
      const keys = new Set(shown.value.rows?.map(row => row.key))
      return Math.min(rows.filter(row => !keys.has(row.key)).length, maxNewCount)
    }),
    showNew() {
      releaseCount.value += 1
    },
  }
}
