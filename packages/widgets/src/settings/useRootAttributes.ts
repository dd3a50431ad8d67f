import { type ComputedRef, computed } from 'vue'
import { themeAttributes } from '../theme/theme.ts'
import type { Settings } from './settings.ts'
import { useTextsWarning } from './useTextsWarning.ts'

/** Attributes of a widget's root element; `undefined` leaves an attribute out. */
export type RootAttributes = Readonly<Record<string, string | undefined>>

/** Returns the attributes of a widget's root element: language, direction, theme, size and density. */
export function useRootAttributes(settings: Settings): ComputedRef<RootAttributes> {
  const { animate, chosenLocale, density, locale, messages, size, theme } = settings
  useTextsWarning(locale, messages)
  return computed(() => ({
    class: 'tm',
    // Without a chosen locale and texts of its own, the widget has the language of the page.
    lang: chosenLocale.value,
    dir: messages.value && (messages.value.dir ?? 'ltr'),
    'data-tm-size': size.value,
    'data-tm-density': density.value,
    'data-tm-animate': animate.value ? undefined : 'off',
    ...themeAttributes(theme.value),
  }))
}
