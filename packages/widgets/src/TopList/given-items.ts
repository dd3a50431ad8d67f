import { readablePath } from '../text/readable.ts'
import type { TopListItem } from './channel-items.ts'

/**
 * What a page hands in, as items: the label and the value of each are read by name. A row that says
 * `rest: true`, as those of our own channels do, goes into the rest. Rows of the same label stay apart.
 */
export function givenItems<Item extends object>(
  items: readonly Item[],
  labelKey: keyof Item,
  valueKey: keyof Item,
): TopListItem[] {
  const seen = new Map<string, number>()
  return items.map(item => {
    const label = toText(item[labelKey])
    const before = seen.get(label) ?? 0
    seen.set(label, before + 1)
    return {
      key: before === 0 ? label : `${label}\u0000${before}`,
      label: readablePath(label),
      value: Number(item[valueKey]),
      isRest: 'rest' in item && item.rest === true,
    }
  })
}

function toText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
