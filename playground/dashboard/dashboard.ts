import '@tidemark/widgets/style.css'
import './dashboard.css'
import { createLiveClient } from '@tidemark/sdk/live'
import { useTidemarkStore } from '@tidemark/widgets'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import DashboardApp from './DashboardApp.vue'
import { createWire, wireKey } from './traffic.ts'

const pinia = createPinia()
const wire = createWire()

// The widgets' connection, with everything that it sends and takes shown on the panel.
useTidemarkStore(pinia).registry.setClientFactory(options =>
  createLiveClient({ ...options, platform: wire.platform }),
)

createApp(DashboardApp).use(pinia).provide(wireKey, wire).mount('#app')
