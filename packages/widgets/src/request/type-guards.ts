export function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

export function isListOf<Item>(
  value: unknown,
  isItem: (item: unknown) => item is Item,
): value is Item[] {
  return Array.isArray(value) && value.every(isItem)
}
