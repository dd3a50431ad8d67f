// @vitest-environment happy-dom
import { createPinia } from 'pinia'
import { expect, expectTypeOf, it } from 'vitest'
import { createSSRApp, defineComponent, h, nextTick, ref } from 'vue'
import { renderToString } from 'vue/server-renderer'
import {
  type ChannelName,
  ConnectionIndicator,
  LiveActivityFeed,
  RealtimeCounter,
  TopList,
  useRealtime,
  useTidemarkStore,
} from './index.ts'
import { createFakeClients } from './testing/fake-clients.ts'
import { nextFrame, useFakePage } from './testing/mount-app.ts'

const config = { baseUrl: '/api', siteId: 'shop' }

useFakePage()

const Dashboard = defineComponent({
  render: () => [
    h(ConnectionIndicator, { config }),
    h(RealtimeCounter, { config }),
    h(LiveActivityFeed, { config, showLocation: true }),
    h(TopList, { title: 'Pages', config, channel: 'activePages', realtime: true }),
  ],
})

it('widgets: render skeletons on a server and hydrate in the page', async () => {
  const html = await renderToString(createSSRApp(Dashboard).use(createPinia()))
  expect(html.match(/aria-busy="true"/g)?.length).toBe(3)

  const clients = createFakeClients()
  const pinia = createPinia()
  useTidemarkStore(pinia).registry.setClientFactory(clients.create)
  const root = document.createElement('div')
  root.innerHTML = html
  const serverElement = root.querySelector('.tm-counter')
  const app = createSSRApp(Dashboard).use(pinia)
  // A hydration mismatch logs a warning, which fails the test.
  app.mount(root)
  await nextTick()
  clients.last.receive({ currentVisitors: 5, recentEvents: [], activePages: [] })
  await nextFrame()
  expect(root.querySelector('.tm-counter')).toBe(serverElement)
  expect(serverElement?.querySelector('.tm-counter__value')?.textContent).toBe('5')
  app.unmount()
})

it('ChannelName: types a list of channels that changes at run time', () => {
  const channels = ref<ChannelName[]>(['currentVisitors'])
  const subscribe = () => useRealtime(config, channels).state
  expectTypeOf(subscribe).returns.toHaveProperty('pageViews')
  expectTypeOf<'visitors'>().not.toExtend<ChannelName>()
})
