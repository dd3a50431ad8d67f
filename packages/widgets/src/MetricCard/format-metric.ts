import { type NumberFormat } from '../text/format-number.ts'
import type { MetricCardProps } from './metric-card-props.ts'

const percent: NumberFormat = { style: 'percent', maximumFractionDigits: 0 }
const decimal: NumberFormat = { maximumFractionDigits: 2 }

/** Returns the usual format of a card's number; `undefined` for whole numbers. */
export function usualFormat(
  props: Pick<MetricCardProps, 'metric' | 'valueName' | 'stat' | 'value'>,
): NumberFormat | undefined {
  if (props.metric !== undefined) return props.metric === 'bounceRate' ? percent : undefined
  if (props.valueName !== undefined) return props.stat === 'count' ? undefined : decimal
  return props.value === undefined ? undefined : decimal
}
