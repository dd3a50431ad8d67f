import type { rangeTexts } from '../messages/en/range.ts'
import { type LengthUnit, type RangeSelection, parseLength } from '../history/range-selection.ts'
import type { Translate } from '../settings/useTexts.ts'

/** Ranges that the picker offers by default. */
export const defaultPresets: readonly RangeSelection[] = [
  { last: '60m' },
  { last: '24h' },
  { day: 'today' },
  { day: 'yesterday' },
  { last: '7d' },
  { last: '30d' },
  { last: '12mo' },
]

const lastKeys = {
  m: 'lastMinutes',
  h: 'lastHours',
  d: 'lastDays',
  mo: 'lastMonths',
} as const satisfies Record<LengthUnit, keyof typeof rangeTexts>

/** Returns the text of a moving range: `{ last: '60m' }` → `"Last hour"`; `undefined` for a fixed range. */
export function presetText(
  selection: RangeSelection,
  t: Translate<keyof typeof rangeTexts>,
): string | undefined {
  if ('day' in selection) return t(selection.day)
  if ('from' in selection) return undefined
  const { count, unit } = parseLength(selection.last)
  return unit === 'm' && count % 60 === 0
    ? t('lastHours', { count: count / 60 })
    : t(lastKeys[unit], { count })
}
