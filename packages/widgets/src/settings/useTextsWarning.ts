import { onMounted, warn, watch } from 'vue'
import type { Settings } from './settings.ts'

// Replaced by the app's bundler, as in Vue itself.
declare const process: { env: { NODE_ENV?: string } }

/** Languages with a module of texts, `@tidemark/widgets/locales/de`. */
const includedLanguages = ['ar', 'de', 'es', 'fr', 'ja']

const warnedLanguages = new Set<string>()

/**
 * Warns during development, once for each language, that widgets are in English because the app has not passed the
 * texts of its language.
 */
export function useTextsWarning(locale: Settings['locale'], messages: Settings['messages']): void {
  if (process.env.NODE_ENV === 'production') return
  onMounted(() => {
    watch(
      [locale, messages],
      ([tag, texts]) => {
        if (!texts) warnWithoutTexts(tag)
      },
      { immediate: true },
    )
  })
}

function warnWithoutTexts(locale: string): void {
  const [language = ''] = locale.split('-')
  if (!includedLanguages.includes(language) || warnedLanguages.has(language)) return
  warnedLanguages.add(language)
  warn(
    `Tidemark: the locale is '${locale}', but the widgets are in English. Pass the texts to TidemarkPlugin: ` +
      `import { ${language} } from '@tidemark/widgets/locales/${language}' and set messages: ${language}.`,
  )
}
