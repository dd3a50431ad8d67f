import { nameTexts } from '../messages/en/names.ts'
import { countryName } from '../text/country-name.ts'
import { useSettings } from './useSettings.ts'
import { type Translate, useTexts } from './useTexts.ts'

/** Returns the name of a country in the widget's language: `DE` → `Germany`, anything else → `Unknown`. */
export function useCountryName(): (code: string) => string {
  const { locale } = useSettings()
  const t = useNameTexts()
  return code => countryName(code, locale.value) ?? t('unknown')
}

/** Returns the texts for devices and channels, for traffic without a source, and for unknown values. */
export function useNameTexts(): Translate<keyof typeof nameTexts> {
  return useTexts('names', nameTexts)
}
