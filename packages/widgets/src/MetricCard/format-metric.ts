import { formatDuration } from '../text/format-duration.ts'
import type { NumberFormat } from '../text/format-number.ts'
import type { MetricCardProps } from './metric-card-props.ts'

const percent: NumberFormat = { style: 'percent', maximumFractionDigits: 0 }
const decimal: NumberFormat = { maximumFractionDigits: 2 }
const mean: NumberFormat = { minimumFractionDigits: 1, maximumFractionDigits: 1 }

/** Returns the usual format of a card's number; `undefined` for whole numbers. */
export function usualFormat(
  props: Pick<MetricCardProps, 'metric' | 'valueName' | 'stat' | 'value'>,
  locale: string,
): NumberFormat | undefined {
  switch (props.metric) {
    case undefined:
      break
    case 'bounceRate':
      return percent
    case 'pagesPerSession':
      return mean
    case 'sessionMs':
    case 'engagedMs':
      return durationMs => formatDuration(durationMs, locale)
    default:
      return undefined
  }
  if (props.valueName !== undefined) return props.stat === 'count' ? undefined : decimal
  return props.value === undefined ? undefined : decimal
}
