import '@tidemark/widgets/style.css'
import { TidemarkPlugin } from '@tidemark/widgets'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import WidgetGrid from './WidgetGrid.vue'

createApp(WidgetGrid)
  .use(createPinia())
  .use(TidemarkPlugin, { baseUrl: '/api', siteId: 'shop', animate: false })
  .mount('#app')
