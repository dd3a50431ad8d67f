import '@tidemark/widgets/style.css'
import { TidemarkPlugin } from '@tidemark/widgets'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import Dashboard from './Dashboard.vue'

createApp(Dashboard)
  .use(createPinia())
  .use(TidemarkPlugin, { baseUrl: 'https://stats.example.com/api', siteId: 'my-site' })
  .mount('#app')
