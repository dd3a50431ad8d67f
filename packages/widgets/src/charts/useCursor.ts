import { type ComputedRef, type Ref, computed, readonly, shallowRef } from 'vue'
import type { Plot } from './plot.ts'

export interface Cursor {
  /** Index of the point with the tooltip; `undefined` without one. */
  readonly index: ComputedRef<number | undefined>
  /** Number of moves by the reader. The index also changes by itself, when a live window slides. */
  readonly moves: Readonly<Ref<number>>
  moveTo(index: number): void
  hide(): void
}

/** Returns the cursor of a chart. It stays at its point while a live window slides. */
export function useCursor(plot: () => Plot): Cursor {
  const key = shallowRef<string | number>()
  const moves = shallowRef(0)

  const index = computed(() => {
    if (key.value === undefined) return undefined
    const { count, keyOf } = plot()
    for (let each = count - 1; each >= 0; each -= 1) if (keyOf(each) === key.value) return each
    return undefined
  })

  return {
    index,
    moves: readonly(moves),
    moveTo(target) {
      const { count, keyOf } = plot()
      if (count === 0) return
      key.value = keyOf(Math.max(0, Math.min(count - 1, target)))
      moves.value += 1
    },
    hide: () => void (key.value = undefined),
  }
}
