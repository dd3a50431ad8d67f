import { TidemarkPlugin } from '@tidemark/widgets'
import { de } from '@tidemark/widgets/locales/de'
import { fr } from '@tidemark/widgets/locales/fr'
import type { App, Ref } from 'vue'

/** Keeps the widgets in the language of vue-i18n: pass `i18n.global.locale`. */
export function useWidgets(app: App, locale: Ref<string>): void {
  app.use(TidemarkPlugin, () => ({
    baseUrl: 'https://stats.example.com/api',
    siteId: 'my-site',
    locale: locale.value,
    messages: [de, fr],
  }))
}
