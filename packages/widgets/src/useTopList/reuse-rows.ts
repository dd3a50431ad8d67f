import type { ListRow } from './list-item.ts'

/**
 * Replaces rows by the previous rows with equal contents, and the array by the previous one if all rows are equal, so
 * that only changed rows render again.
 */
export function reuseRows<Item extends object>(
  previous: readonly ListRow<Item>[],
  next: readonly ListRow<Item>[],
): readonly ListRow<Item>[] {
  const byKey = new Map(previous.map(row => [row.key, row]))
  const rows = next.map(row => {
    const existing = byKey.get(row.key)
    return existing && isEqualRow(existing, row) ? existing : row
  })
  const isSame =
    rows.length === previous.length && rows.every((row, index) => row === previous[index])
  return isSame ? previous : rows
}

function isEqualRow(a: ListRow, b: ListRow): boolean {
  return (
    a.value === b.value &&
    a.share === b.share &&
    a.fill === b.fill &&
    a.label === b.label &&
    a.name === b.name &&
    a.visitors === b.visitors &&
    a.isRest === b.isRest &&
    (a.item === b.item || isEqual(a.item ?? {}, b.item ?? {}))
  )
}

/** Compares the properties of two items, not deeply. */
function isEqual(a: object, b: object): boolean {
  const fieldsA = Object.entries(a)
  const fieldsB = new Map<string, unknown>(Object.entries(b))
  return (
    fieldsA.length === fieldsB.size &&
    fieldsA.every(([name, value]) => fieldsB.has(name) && Object.is(value, fieldsB.get(name)))
  )
}
