import { warn } from 'vue'

// Replaced by the app's bundler, as in Vue itself.
declare const process: { env: { NODE_ENV?: string } }

/** Languages with a module of texts, `@tidemark/widgets/locales/de`. */
const includedLanguages = ['ar', 'de', 'es', 'fr', 'ja']

const warnedLanguages = new Set<string>()

/**
 * Warns during development, once for each language, that widgets are in English because the app has not passed the
 * texts of its language.
 */
export function warnWithoutTexts(locale: string, hasTexts: boolean): void {
  if (process.env.NODE_ENV === 'production' || hasTexts) return
  const [language = ''] = locale.split('-')
  if (!includedLanguages.includes(language) || warnedLanguages.has(language)) return
  warnedLanguages.add(language)
  warn(
    `Tidemark: the locale is '${locale}', but the widgets are in English. Pass the texts to TidemarkPlugin: ` +
      `import { ${language} } from '@tidemark/widgets/locales/${language}' and set messages: ${language}.`,
  )
}
