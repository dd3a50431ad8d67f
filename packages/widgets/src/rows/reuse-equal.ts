/**
 * Replaces items by the previous items with equal fields, so that only changed rows render again. Objects in fields are
 * compared by their fields too, but not deeper.
 *
 * @param keyOf returns the key of an item, unique in its list
 * @returns `previous` if all items are equal
 */
export function reuseEqual<Item extends object>(
  previous: readonly Item[],
  next: readonly Item[],
  keyOf: (item: Item) => string,
): readonly Item[] {
  const byKey = new Map(previous.map(item => [keyOf(item), item]))
  const items = next.map(item => {
    const existing = byKey.get(keyOf(item))
    return existing && hasEqualFields(existing, item) ? existing : item
  })
  const isSame =
    items.length === previous.length && items.every((item, index) => item === previous[index])
  return isSame ? previous : items
}

/**
 * Reports whether two objects have equal fields.
 * @param depth levels of objects in fields that are compared by their fields too
 */
export function hasEqualFields<Item extends object>(a: Item, b: object, depth = 1): b is Item {
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every(name => {
      const value: unknown = Reflect.get(a, name)
      const other: unknown = Reflect.get(b, name)
      if (depth > 0 && isObject(value) && isObject(other)) {
        return hasEqualFields(value, other, depth - 1)
      }
      return Object.is(value, other) && Object.hasOwn(b, name)
    })
  )
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
