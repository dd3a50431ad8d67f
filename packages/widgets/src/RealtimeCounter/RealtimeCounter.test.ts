// @vitest-environment happy-dom
import { flushPromises } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'
import { h, nextTick, shallowRef } from 'vue'
import LiveActivityFeed from '../LiveActivityFeed/LiveActivityFeed.vue'
import { mountApp, nextFrame, unusedConnectionsClosed, useFakePage } from '../testing/mount-app.ts'
import RealtimeCounter from './RealtimeCounter.vue'

const config = { baseUrl: '/api', siteId: 'shop' }

useFakePage()

async function mountCounter(
  props: { pollInterval?: number; title?: string; locale?: string } = {},
) {
  const app = mountApp(() => h(RealtimeCounter, { config, ...props }))
  await nextTick()
  return app
}

const value = (app: { wrapper: { find(selector: string): { text(): string } } }) =>
  app.wrapper.find('.tm-counter__value').text()

it('RealtimeCounter: shows the current number of visitors', async () => {
  const app = await mountCounter()
  app.clients.last.receive({ currentVisitors: 1284 })
  await nextFrame()
  expect(value(app)).toBe('1,284')
  app.clients.last.receive({ currentVisitors: 1285 })
  await nextFrame()
  expect(value(app)).toBe('1,285')
})

it('RealtimeCounter: moves each digit, and reuses the digits when the number grows', async () => {
  const app = await mountCounter()
  app.clients.last.receive({ currentVisitors: 99 })
  await nextFrame()
  const strips = () =>
    app.wrapper.findAll<HTMLElement>('.tm-rolling__digit').map(strip => strip.element)
  const [, ones] = strips()
  app.clients.last.receive({ currentVisitors: 104 })
  await nextFrame()
  const digits = strips().map(strip => strip.style.getPropertyValue('--_tm-digit'))
  expect(digits).toEqual(['1', '0', '4'])
  expect(strips()[2]).toBe(ones)
})

it('RealtimeCounter: formats the number for the locale', async () => {
  const app = await mountCounter({ locale: 'de' })
  app.clients.last.receive({ currentVisitors: 1284 })
  await nextFrame()
  expect(value(app)).toBe('1.284')
})

it('RealtimeCounter: formats the number in English for an invalid locale', async () => {
  const app = await mountCounter({ locale: 'not a locale' })
  app.clients.last.receive({ currentVisitors: 1284 })
  await nextFrame()
  expect(value(app)).toBe('1,284')
})

it('RealtimeCounter: shows a skeleton until the first number arrives', async () => {
  const app = await mountCounter()
  const card = app.wrapper.find('.tm-counter')
  expect(card.attributes('aria-busy')).toBe('true')
  expect(app.wrapper.find('.tm-skeleton').exists()).toBe(true)
  app.clients.last.receive({ currentVisitors: 0 })
  await nextFrame()
  expect(card.attributes('aria-busy')).toBe('false')
  expect(value(app)).toBe('0')
})

it('RealtimeCounter: retains the last number and shows its age while the server is unreachable', async () => {
  const app = await mountCounter()
  app.clients.last.receive({ currentVisitors: 7 })
  await nextFrame()
  app.clients.last.setStatus({ stale: true, error: { code: 'network', message: 'No response.' } })
  await vi.advanceTimersByTimeAsync(120_000)
  expect(value(app)).toBe('7')
  expect(app.wrapper.find('.tm-status').text()).toBe('Stale, as of 2m ago')
})

it('RealtimeCounter: shows the error when it has no number', async () => {
  const app = await mountCounter()
  app.clients.last.setStatus({ error: { code: 'site_unknown', message: 'x' } })
  await nextFrame()
  expect(app.wrapper.find('.tm-notice').text()).toBe('This site does not exist on the server.')
})

it('RealtimeCounter: shows that the device is offline when it has no number', async () => {
  const app = await mountCounter()
  app.clients.last.setStatus({ offline: true })
  await nextFrame()
  expect(app.wrapper.find('.tm-notice').text()).toBe('This device is offline.')
})

it('RealtimeCounter: polls at `poll-interval`', async () => {
  const app = await mountCounter({ pollInterval: 1500 })
  expect(app.clients.last.options.pollIntervalMs).toBe(1500)
})

it('RealtimeCounter: uses `title` as heading and accessible name', async () => {
  const app = await mountCounter({ title: 'People here' })
  expect(app.wrapper.find('h2').text()).toBe('People here')
  expect(app.wrapper.find('[role="group"]').attributes('aria-label')).toBe('People here')
})

it('RealtimeCounter: announces the first number at once, later ones at most every 30 seconds', async () => {
  const app = await mountCounter()
  const announcement = () => app.wrapper.find('[aria-live]').text()
  app.clients.last.receive({ currentVisitors: 1 })
  await nextFrame()
  expect(announcement()).toBe('Current visitors: 1 visitor')
  for (let visitors = 2; visitors <= 20; visitors++) {
    app.clients.last.receive({ currentVisitors: visitors })
    await vi.advanceTimersByTimeAsync(1000)
  }
  expect(announcement()).toBe('Current visitors: 1 visitor')
  await vi.advanceTimersByTimeAsync(11_000)
  expect(announcement()).toBe('Current visitors: 20 visitors')
  app.wrapper.unmount()
  expect(vi.getTimerCount()).toBe(0)
})

it('RealtimeCounter: renders the default slot in place of the number', async () => {
  const app = mountApp(() =>
    h(
      RealtimeCounter,
      { config },
      { default: ({ visitors }: { visitors: number }) => `${visitors} people` },
    ),
  )
  await nextTick()
  app.clients.last.receive({ currentVisitors: 3 })
  await nextFrame()
  expect(app.wrapper.find('.tm-counter__value').text()).toBe('3 people')
})

it('RealtimeCounter: does not re-render for other channels or irrelevant status changes', async () => {
  const app = mountApp(() => [h(RealtimeCounter, { config }), h(LiveActivityFeed, { config })])
  await nextTick()
  app.clients.last.receive({ currentVisitors: 3, recentEvents: [] })
  await nextFrame()
  const before = app.rerenders.get('RealtimeCounter')
  const feedBefore = app.rerenders.get('LiveActivityFeed') ?? 0
  for (let id = 1; id <= 5; id++) {
    const entry = { id: `${id}-0`, type: 'event', name: 'x', timestamp: Date.now() } as const
    app.clients.last.receive({ recentEvents: [entry] })
    await nextFrame()
  }
  app.clients.last.setStatus({ syncedAt: Date.now() + 1 })
  await nextFrame()
  expect(app.rerenders.get('RealtimeCounter')).toBe(before)
  expect(app.rerenders.get('RollingNumber')).toBeUndefined()
  expect(app.rerenders.get('LiveActivityFeed')).toBe(feedBefore + 5)
})

it('RealtimeCounter: shares one connection with other widgets, closed by the last one', async () => {
  const isFeedShown = shallowRef(true)
  const isCounterShown = shallowRef(true)
  const { clients } = mountApp(() => [
    isCounterShown.value ? h(RealtimeCounter, { config }) : undefined,
    isFeedShown.value ? h(LiveActivityFeed, { config: { ...config } }) : undefined,
  ])
  await nextTick()
  expect(clients.created.length).toBe(1)
  expect(clients.last.subscriptions).toEqual([['currentVisitors', 'recentEvents']])
  isCounterShown.value = false
  await flushPromises()
  expect(clients.last.subscriptions).toEqual([['recentEvents']])
  isFeedShown.value = false
  await flushPromises()
  await unusedConnectionsClosed()
  expect(clients.last.subscriptions).toEqual([])
})
