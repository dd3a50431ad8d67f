import { TidemarkPlugin } from '@tidemark/widgets'
import type { App } from 'vue'

/** Widgets are dark inside an element with the class `dark`. */
export function useWidgets(app: App): void {
  app.use(TidemarkPlugin, {
    baseUrl: 'https://stats.example.com/api',
    siteId: 'my-site',
    theme: '.dark',
  })
}
