import { type Ref, watch } from 'vue'

/** More new rows than this at once appear without animation, which would only flicker. */
export const maxNewRows = 3

const timing = { duration: 260, easing: 'cubic-bezier(0.2, 0, 0, 1)' } as const

/**
 * Animates the rows of a list: a moved row glides to its new place, a new row slides in, a removed row disappears at
 * once. It does nothing for the first rows, for readers who prefer reduced motion, and for a burst of new rows.
 *
 * Unlike `TransitionGroup` it reads no positions: each read makes the browser lay out the page. So all rows must have
 * the same height. A gap between them is the custom property `--_tm-row-gap` of the list.
 *
 * @param list element whose children are the rows
 * @param keys returns the keys of the rows, in order; `undefined` while there is no list
 * @param isEnabled whether to animate
 */
export function useRowMotion(
  list: Readonly<Ref<HTMLElement | null | undefined>>,
  keys: () => readonly PropertyKey[] | undefined,
  isEnabled: () => boolean,
): void {
  let previous = toPositions(keys())

  function onChange(current: readonly PropertyKey[] | undefined): void {
    const before = previous
    previous = toPositions(current)
    if (!current || before.size === 0 || !isEnabled()) return
    const newRows = current.filter(key => !before.has(key))
    if (newRows.length <= maxNewRows)
      animateRows([...(list.value?.children ?? [])], current, before)
  }

  // After the list has rendered its new rows.
  watch(keys, onChange, { flush: 'post' })
}

type Positions = ReadonlyMap<PropertyKey, number>

function toPositions(keys: readonly PropertyKey[] = []): Positions {
  return new Map(keys.map((key, position) => [key, position]))
}

function animateRows(
  rows: readonly Element[],
  keys: readonly PropertyKey[],
  before: Positions,
): void {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return
  for (const [position, row] of rows.entries()) {
    const key = keys[position]
    const from = key === undefined ? position : before.get(key)
    if (from === undefined) slideIn(row)
    else if (from !== position) glide(row, from - position)
  }
}

function slideIn(row: Element): void {
  row.animate({ opacity: [0, 1], transform: ['translateY(-0.5em)', 'none'] }, timing)
}

function glide(row: Element, rowCount: number): void {
  const from = `translateY(calc(${rowCount} * (100% + var(--_tm-row-gap, 0px))))`
  // Added to a running animation: a row that moves again continues from where it is.
  row.animate({ transform: [from, 'none'] }, { ...timing, composite: 'add' })
}
