import { tidemarkTracker, useTracker } from '@tidemark/sdk/vue'
import { createApp, defineComponent, h } from 'vue'
import { readSettings } from './settings.ts'

interface ShopEvents {
  signup: { plan: string }
}

const App = defineComponent(() => {
  const tracker = useTracker<ShopEvents>()
  const buttons = {
    signup: () => tracker.track('signup', { plan: 'pro' }),
    next: () => history.pushState(null, '', '/boots'),
    unmount: () => app.unmount(),
  }
  return () => Object.entries(buttons).map(([id, onClick]) => h('button', { id, onClick }, id))
})

const app = createApp(App)
app.use(tidemarkTracker, readSettings())
app.mount('#app')
