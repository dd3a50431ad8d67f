import type { Messages } from '@tidemark/widgets'
import { shallowRef, watch } from 'vue'
import type { GalleryOptions } from './options.ts'

type Locale = GalleryOptions['locale']

/** Loads the texts of each language on demand. English is in the widgets. */
const loaders: Partial<Record<Locale, () => Promise<Messages>>> = {
  ar: async () => (await import('@tidemark/widgets/locales/ar')).ar,
  de: async () => (await import('@tidemark/widgets/locales/de')).de,
  es: async () => (await import('@tidemark/widgets/locales/es')).es,
  fr: async () => (await import('@tidemark/widgets/locales/fr')).fr,
  ja: async () => (await import('@tidemark/widgets/locales/ja')).ja,
}

/** Language and texts of the widgets; the language changes when its texts have arrived. */
export interface Language {
  readonly locale: string
  readonly messages: Messages | undefined
}

/** Returns the chosen language with its texts; `undefined` until the first texts have arrived. */
export function useLanguage(options: GalleryOptions) {
  const language = shallowRef<Language>()
  watch(
    () => options.locale,
    async locale => {
      const messages = await loaders[locale]?.()
      if (locale !== options.locale) return
      language.value = { locale, messages }
      Object.assign(document.documentElement, { lang: locale, dir: messages?.dir ?? 'ltr' })
    },
    { immediate: true },
  )
  return language
}
