import { readablePath } from '../text/readable-text.ts'
import type { TopListItem } from './channel-items.ts'

/**
 * Converts the `items` prop to rank items. Items with `rest: true`, as in Tidemark's own lists, count
 * as "Other". Items with the same label stay separate rows.
 */
export function propItems<Item extends object>(
  items: readonly Item[],
  labelKey: keyof Item,
  valueKey: keyof Item,
): TopListItem[] {
  const countByLabel = new Map<string, number>()
  return items.map(item => {
    const label = toText(item[labelKey])
    const count = countByLabel.get(label) ?? 0
    countByLabel.set(label, count + 1)
    return {
      key: count === 0 ? label : `${label}\u0000${count}`,
      label: readablePath(label),
      value: Number(item[valueKey]),
      isRest: 'rest' in item && item.rest === true,
    }
  })
}

function toText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
