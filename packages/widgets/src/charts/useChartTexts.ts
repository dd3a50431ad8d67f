import { type ComputedRef, computed } from 'vue'
import { chartTexts } from '../messages/en/chart.ts'
import { useSettings } from '../settings/useSettings.ts'
import { useTexts } from '../settings/useTexts.ts'
import type { NumberFormat } from '../text/format-number.ts'
import { axisNumber, chartNumber } from './chart-numbers.ts'
import type { PlotTexts } from './describe-plot.ts'

/** Returns texts and number formats of a chart, in the widget's language. */
export function useChartTexts(format: () => NumberFormat | undefined): ComputedRef<PlotTexts> {
  const { locale } = useSettings()
  const t = useTexts('chart', chartTexts)
  return computed(() => {
    const [language, numberFormat] = [locale.value, format()]
    return {
      t,
      number: value => chartNumber(value, language, numberFormat),
      axisNumber: (value, largest) => axisNumber(value, largest, language, numberFormat),
    }
  })
}
