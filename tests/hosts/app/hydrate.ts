import '@tidemark/widgets/style.css'
import { TidemarkPlugin } from '@tidemark/widgets'
import { createPinia } from 'pinia'
import { createSSRApp } from 'vue'
import Gallery from './Gallery.vue'
import { config } from './config.ts'
import { messages } from './locales.ts'

const app = createSSRApp(Gallery)
  .use(createPinia())
  .use(TidemarkPlugin, { ...config, messages })
// The test measures the server's markup first.
addEventListener('hydrate', () => app.mount('#app'), { once: true })
