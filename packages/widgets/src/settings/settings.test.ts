// @vitest-environment happy-dom
import { enableAutoUnmount, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, expect, it, vi } from 'vitest'
import {
  type MaybeRefOrGetter,
  createSSRApp,
  defineComponent,
  h,
  nextTick,
  ref,
  shallowRef,
} from 'vue'
import { renderToString } from 'vue/server-renderer'
import RealtimeCounter from '../RealtimeCounter/RealtimeCounter.vue'
import type { WidgetProps } from '../card/widget-props.ts'
import { useHistory } from '../history/useHistory.ts'
import { useRealtime } from '../useRealtime/useRealtime.ts'
import { useTidemarkStore } from '../store/useTidemarkStore.ts'
import { createFakeClients } from '../testing/fake-clients.ts'
import { metricsOf, stubMetrics, totalsOf, useStubbedMetrics } from '../testing/fake-metrics.ts'
import { nextFrame, useFakePage } from '../testing/mount-app.ts'
import { TidemarkPlugin, provideTidemark } from './plugin.ts'
import type { TidemarkOptions } from './settings.ts'

const site = { baseUrl: '/api', siteId: 'shop' }
const german = { locale: 'de', counter: { title: 'Besucher jetzt' } }
const arabic = { locale: 'ar', dir: 'rtl', counter: { title: 'الزوار الآن' } } as const

useFakePage()
useStubbedMetrics()
enableAutoUnmount(afterEach)
afterEach(() => document.documentElement.removeAttribute('lang'))

function mountWithPlugin(options: MaybeRefOrGetter<TidemarkOptions>, props: WidgetProps = {}) {
  const pinia = createPinia()
  const clients = createFakeClients()
  useTidemarkStore(pinia).registry.setClientFactory(clients.create)
  const wrapper = mount(RealtimeCounter, {
    props,
    global: { plugins: [pinia, [TidemarkPlugin, options]] },
  })
  return { clients, wrapper }
}

it('TidemarkPlugin: sets the site of widgets without `config`', async () => {
  const { clients, wrapper } = mountWithPlugin(site)
  await nextTick()
  expect(clients.last.options).toMatchObject(site)
  clients.last.receive({ currentVisitors: 12 })
  await nextFrame()
  expect(wrapper.find('.tm-counter__value').text()).toBe('12')
})

it('TidemarkPlugin: is overridden by the `config` of a widget', async () => {
  const { clients } = mountWithPlugin(site, { config: { ...site, siteId: 'blog' } })
  await nextTick()
  expect(clients.last.options.siteId).toBe('blog')
})

it('TidemarkPlugin: applies changes of reactive options', async () => {
  const locale = ref('de')
  const { wrapper } = mountWithPlugin(() => ({ ...site, locale: locale.value, messages: german }))
  expect(wrapper.find('h2').text()).toBe('Besucher jetzt')
  expect(wrapper.attributes('lang')).toBe('de')
  locale.value = 'en'
  await nextTick()
  expect(wrapper.find('h2').text()).toBe('Current visitors')
})

it.each(['de_DE', 'de-AT', 'DE'])('TidemarkPlugin: finds German texts for %s', locale => {
  const { wrapper } = mountWithPlugin({ ...site, locale, messages: [arabic, german] })
  expect(wrapper.find('h2').text()).toBe('Besucher jetzt')
})

it('TidemarkPlugin: writes right-to-left texts from right to left', () => {
  const { wrapper } = mountWithPlugin({ ...site, locale: 'ar', messages: [arabic, german] })
  expect(wrapper.attributes()).toMatchObject({ lang: 'ar', dir: 'rtl' })
})

it('TidemarkPlugin: uses the language of the page by default, and follows it', async () => {
  document.documentElement.lang = 'de-DE'
  await nextTick()
  const { wrapper } = mountWithPlugin({ ...site, messages: german })
  expect(wrapper.find('h2').text()).toBe('Besucher jetzt')
  document.documentElement.lang = 'en'
  await nextTick()
  await nextTick()
  expect(wrapper.find('h2').text()).toBe('Current visitors')
})

it('TidemarkPlugin: hydrates the English HTML of a server in a German page without a mismatch', async () => {
  const App = () => h(RealtimeCounter)
  const options: TidemarkOptions = { ...site, messages: german }
  const html = await renderToString(
    createSSRApp(App)
      .use(createPinia())
      .use(TidemarkPlugin, { ...options, locale: 'en' }),
  )
  document.documentElement.lang = 'de'
  await nextTick()
  const root = document.createElement('div')
  root.innerHTML = html.replaceAll(/ lang="en"/g, '')
  const pinia = createPinia()
  useTidemarkStore(pinia).registry.setClientFactory(createFakeClients().create)
  const app = createSSRApp(App).use(pinia).use(TidemarkPlugin, options)
  // A hydration mismatch logs a warning, which fails the test.
  app.mount(root)
  await nextTick()
  expect(root.querySelector('h2')?.textContent).toBe('Besucher jetzt')
  app.unmount()
})

it.each<[string, TidemarkOptions, RegExp]>([
  ['an unknown theme', { theme: 'drak' }, /theme: 'drak' is not a theme; use 'light'/],
  ['an invalid selector', { theme: '.a[' }, /theme: '\.a\[' is not a theme/],
])('TidemarkPlugin: refuses %s', (_, options, message) => {
  expect(() => mountWithPlugin(options)).toThrow(message)
})

it('provideTidemark: overrides the plugin for a part of the app, and inherits the rest', async () => {
  const siteId = shallowRef('blog')
  const Part = defineComponent({
    setup() {
      provideTidemark(() => ({ ...site, siteId: siteId.value }))
      return () => h(RealtimeCounter)
    },
  })
  const pinia = createPinia()
  const clients = createFakeClients()
  useTidemarkStore(pinia).registry.setClientFactory(clients.create)
  const plugin = { ...site, locale: 'de', messages: german, size: 'lg' } as const
  const wrapper = mount(Part, { global: { plugins: [pinia, [TidemarkPlugin, plugin]] } })
  await nextTick()
  expect(clients.last.options.siteId).toBe('blog')
  expect(wrapper.find('h2').text()).toBe('Besucher jetzt')
  expect(wrapper.find('.tm').attributes('data-tm-size')).toBe('lg')
  siteId.value = 'docs'
  await nextTick()
  await nextTick()
  expect(clients.last.options.siteId).toBe('docs')
})

it('TidemarkPlugin: warns once when the texts of an included language are missing', () => {
  const warnings = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  mountWithPlugin({ ...site, locale: 'de-AT' })
  mountWithPlugin({ ...site, locale: 'de' })
  mountWithPlugin({ ...site, locale: 'nl' })
  mountWithPlugin({ ...site, locale: 'ar', messages: arabic })
  expect(warnings).toHaveBeenCalledTimes(1)
  expect(warnings.mock.calls[0]?.[0]).toMatch(
    /locale is 'de-AT'.*import \{ de \} from '@tidemark\/widgets\/locales\/de'/,
  )
  warnings.mockRestore()
})

it('useRealtime and useHistory: read the site of the plugin', async () => {
  const requests = stubMetrics()
  const Numbers = defineComponent({
    setup() {
      const { state } = useRealtime(undefined, ['currentVisitors'])
      const { data } = useHistory(undefined, { range: { last: '7d' } })
      return () => h('p', `${state.currentVisitors} now, ${data.value?.totals.visitors} before`)
    },
  })
  const pinia = createPinia()
  const clients = createFakeClients()
  useTidemarkStore(pinia).registry.setClientFactory(clients.create)
  const wrapper = mount(Numbers, { global: { plugins: [pinia, [TidemarkPlugin, site]] } })
  await nextTick()
  clients.last.receive({ currentVisitors: 3 })
  requests[0]?.respond(metricsOf({ totals: totalsOf({ visitors: 5 }) }))
  await nextFrame()
  expect([requests[0]?.site, wrapper.text()]).toEqual(['shop', '3 now, 5 before'])
  wrapper.unmount()
})
