import '@tidemark/widgets/style.css'
import './dashboard.css'
import { createLiveClient } from '@tidemark/sdk/live'
import { TidemarkPlugin, useTidemarkStore } from '@tidemark/widgets'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import DashboardApp from './DashboardApp.vue'
import { config } from './site.ts'
import { createTrafficMonitor, trafficKey } from './traffic.ts'

const pinia = createPinia()
const monitor = createTrafficMonitor()

// The connection panel shows the traffic of the live client that the widgets use.
useTidemarkStore(pinia).registry.setClientFactory(options =>
  createLiveClient({ ...options, platform: monitor.platform }),
)

createApp(DashboardApp)
  .use(pinia)
  .use(TidemarkPlugin, config)
  .provide(trafficKey, monitor)
  .mount('#app')
