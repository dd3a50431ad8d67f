import type { mapTexts } from '../messages/en/map.ts'
import type { Translate } from '../settings/useTexts.ts'
import { type NumberFormat, formatNumber } from '../text/format-number.ts'
import type { MapRow } from './country-rows.ts'

/** Texts and number format of a map. */
export interface MapTexts {
  readonly t: Translate<keyof typeof mapTexts>
  number(value: number): string
  /** Returns a number of visitors with its unit. */
  visitors(value: number): string
}

export function createMapTexts(
  t: Translate<keyof typeof mapTexts>,
  locale: string,
  format: NumberFormat | undefined,
): MapTexts {
  const number = (value: number): string => formatNumber(value, locale, format)
  return {
    t,
    number,
    visitors: value => {
      if (value === 0) return t('noVisitors')
      return format === undefined ? t('visitors', { count: value }) : number(value)
    },
  }
}

/** Describes the map in a sentence, for screen readers. */
export function describeMap(
  title: string,
  rows: readonly MapRow[],
  { t, visitors }: MapTexts,
): string {
  const [first] = rows
  if (!first) return t('point', { country: title, visitors: t('noVisitors') })
  return t('summary', {
    title,
    countries: t('countries', { count: rows.length }),
    first: t('point', { country: first.name, visitors: visitors(first.visitors) }),
  })
}
