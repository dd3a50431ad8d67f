import { TidemarkPlugin } from '@tidemark/widgets'
import { ar } from '@tidemark/widgets/locales/ar'
import { de } from '@tidemark/widgets/locales/de'
import type { App } from 'vue'

/** Shows the widgets in the language of `<html lang>`: German, Arabic, else English. */
export function useTranslatedWidgets(app: App): void {
  app.use(TidemarkPlugin, {
    baseUrl: 'https://stats.example.com/api',
    siteId: 'my-site',
    messages: [de, ar],
  })
}
