import type { FeedEntry } from '@tidemark/protocol'
import { type ComputedRef, computed } from 'vue'
import { describeEntry } from '../LiveActivityFeed/describe-entry.ts'
import { feedTexts } from '../messages/en/feed.ts'
import { tableTexts } from '../messages/en/table.ts'
import { useCountryName, useNameTexts } from '../settings/useNames.ts'
import { useSettings } from '../settings/useSettings.ts'
import { useTexts } from '../settings/useTexts.ts'
import { visibleText } from '../text/readable-text.ts'
import { memoizeByLocale } from '../text/locale.ts'
import { isTime } from '../time/format-age.ts'
import { type ActivityColumn, type ActivityColumnKey, columnWidth } from './columns.ts'
import type { TableRow } from './table-rows.ts'

/** A column, ready to draw. */
export interface TableColumn<Row extends object> {
  readonly key: string
  readonly label: string
  readonly isSortable: boolean
  readonly width: string
  /** Returns the text of a cell. */
  text(row: TableRow<Row>): string
  /** Returns the value that the column is sorted by. */
  sortValue(row: TableRow<Row>): string | number
}

const clock = memoizeByLocale(
  locale => new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'medium' }),
)

/** Returns the columns of a table with their texts in the widget's language. */
export function useColumns<Row extends object>(
  columns: () => readonly (ActivityColumnKey | ActivityColumn<Row>)[],
): ComputedRef<readonly TableColumn<Row>[]> {
  const { locale } = useSettings()
  const t = useTexts('table', tableTexts)
  const feedText = useTexts('feed', feedTexts)
  const nameText = useNameTexts()
  const countryName = useCountryName()

  function deviceName({ device = '' }: Pick<FeedEntry, 'device'> | { device?: string }): string {
    switch (device) {
      case 'desktop':
      case 'mobile':
      case 'tablet':
      case 'tv':
      case 'console':
      case 'headset':
      case 'car':
      case 'bot':
        return nameText(device)
      default:
        return device === 'other' ? nameText('otherDevice') : device
    }
  }

  const labels: Readonly<Record<ActivityColumnKey, () => string>> = {
    time: () => t('time'),
    type: () => t('type'),
    name: () => t('name'),
    title: () => t('pageTitle'),
    country: () => t('country'),
    device: () => t('device'),
  }
  const texts: Readonly<Record<ActivityColumnKey, (entry: FeedEntry) => string>> = {
    time: ({ timestamp }) => (isTime(timestamp) ? clock(locale.value).format(timestamp) : ''),
    type: ({ type }) => feedText(type),
    name: entry => describeEntry(entry, feedText).primary,
    title: ({ title }) => visibleText(title ?? ''),
    country: ({ country }) => (country ? countryName(country) : ''),
    device: deviceName,
  }
  const isKnown = (key: string): key is ActivityColumnKey => Object.hasOwn(texts, key)

  function toColumn(given: ActivityColumnKey | ActivityColumn<Row>): TableColumn<Row> {
    const column: ActivityColumn<Row> = typeof given === 'string' ? { key: given } : given
    const { format, key, label, sortable = true } = column
    const known = isKnown(key) ? key : undefined
    const text = memoizeByRow(({ entry, row }: TableRow<Row>): string => {
      if (format) return toText(format(valueOf(row, key), row))
      return known ? texts[known](entry) : toText(valueOf(row, key))
    })
    return {
      key,
      label: label ?? (known ? labels[known]() : key),
      isSortable: sortable,
      width: columnWidth(column),
      text,
      sortValue(row) {
        if (known === 'time') return isTime(row.entry.timestamp) ? row.entry.timestamp : -Infinity
        const value = known ? undefined : valueOf(row.row, key)
        return typeof value === 'number' && !Number.isNaN(value) ? value : text(row)
      },
    }
  }

  return computed(() => columns().map(toColumn))
}

/** Sorting and searching read the texts of all rows. */
function memoizeByRow<Row extends object>(
  read: (row: TableRow<Row>) => string,
): (row: TableRow<Row>) => string {
  const texts = new WeakMap<TableRow<Row>, string>()
  return row => {
    const known = texts.get(row)
    if (known !== undefined) return known
    const text = read(row)
    texts.set(row, text)
    return text
  }
}

function valueOf(row: object, key: string): unknown {
  const fields: Partial<Record<string, unknown>> = { ...row }
  return fields[key]
}

function toText(value: unknown): string {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value) ? String(value) : ''
}
