import { readablePath } from '../text/readable-text.ts'
import type { ListItem } from './list-item.ts'

/**
 * Converts items of the host. Items with `rest: true`, as in Tidemark's own lists, count as "Other". Items with the
 * same label stay separate rows. Anything but an object is skipped.
 */
export function propItems<Item extends object>(
  items: readonly (Item | null | undefined)[],
  labelKey: keyof Item | undefined,
  valueKey: keyof Item | undefined,
): ListItem<Item>[] {
  const countByName = new Map<string, number>()
  return items.filter(isObject).map(item => {
    const name = labelKey === undefined ? '' : toText(item[labelKey])
    const count = countByName.get(name) ?? 0
    countByName.set(name, count + 1)
    return {
      key: count === 0 ? name : `${name}\u0000${count}`,
      name,
      label: readablePath(name),
      value: valueKey === undefined ? 0 : toNumber(item[valueKey]),
      isRest: 'rest' in item && item.rest === true,
      item,
    }
  })
}

function isObject<Item extends object>(item: Item | null | undefined): item is Item {
  return typeof item === 'object' && item !== null
}

function toText(value: unknown): string {
  if (typeof value === 'string') return value
  return ['number', 'bigint', 'boolean'].includes(typeof value) ? String(value) : ''
}

/** Databases return counts as text or BigInt. Anything that is not a number becomes 0. */
function toNumber(value: unknown): number {
  const isNumeric = ['number', 'bigint', 'string'].includes(typeof value)
  const number = isNumeric ? Number(value) : 0
  return Number.isFinite(number) ? number : 0
}
