import { TidemarkPlugin } from '@tidemark/widgets'
import { createPinia } from 'pinia'
import { createSSRApp } from 'vue'
import { renderToString } from 'vue/server-renderer'
import Gallery from '../Gallery.vue'
import { config } from '../config.ts'
import { messages } from '../locales.ts'

/** Renders the page on a server, with or without a Pinia. */
export function render({ pinia }: { pinia: boolean }): Promise<string> {
  const app = createSSRApp(Gallery).use(TidemarkPlugin, { ...config, messages })
  if (pinia) app.use(createPinia())
  return renderToString(app)
}
