import '@tidemark/widgets/style.css'
import { channelNames } from '@tidemark/protocol'
import { createTracker } from '@tidemark/sdk'
import { createLiveClient } from '@tidemark/sdk/live'
import { TidemarkPlugin } from '@tidemark/widgets'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { config } from './config.ts'
import { messages } from './locales.ts'

createApp(App)
  .use(createPinia())
  .use(TidemarkPlugin, { ...config, messages })
  .mount('#app')

// The other packages, without a framework.
createTracker({ baseUrl: config.baseUrl, siteId: config.siteId, visitorId: 'host' })
const client = createLiveClient({ baseUrl: config.baseUrl, siteId: config.siteId })
client.subscribe(
  channelNames,
  ({ state }) => {
    document.documentElement.dataset['visitors'] = String(state.currentVisitors)
  },
  { paths: ['/page-1'], properties: [{ event: 'sign_up', property: 'plan' }] },
)
