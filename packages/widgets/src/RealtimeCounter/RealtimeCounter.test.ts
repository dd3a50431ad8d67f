// @vitest-environment happy-dom
import { flushPromises } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'
import { h, nextTick, shallowRef } from 'vue'
import LiveActivityFeed from '../LiveActivityFeed/LiveActivityFeed.vue'
import { mountApp, nextFrame, useFakePage } from '../testing/mount-app.ts'
import RealtimeCounter from './RealtimeCounter.vue'

const config = { baseUrl: '/api', siteId: 'shop' }

useFakePage()

async function mountCounter(
  props: { pollInterval?: number; label?: string; locale?: string } = {},
) {
  const app = mountApp(() => h(RealtimeCounter, { config, ...props }))
  await nextTick()
  return app
}

const value = (app: { wrapper: { find(selector: string): { text(): string } } }) =>
  app.wrapper.find('.tm-counter__value .tm-hidden').text()

it('shows the number of visitors as it changes', async () => {
  const app = await mountCounter()
  app.clients.last.receive({ currentVisitors: 1284 })
  await nextFrame()
  expect(value(app)).toBe('1,284')
  app.clients.last.receive({ currentVisitors: 1285 })
  await nextFrame()
  expect(value(app)).toBe('1,285')
})

it('rolls each digit to its value and keeps a place its strip when the number grows', async () => {
  const app = await mountCounter()
  app.clients.last.receive({ currentVisitors: 99 })
  await nextFrame()
  const strips = () =>
    app.wrapper.findAll<HTMLElement>('.tm-rolling__strip').map(strip => strip.element)
  const [, ones] = strips()
  app.clients.last.receive({ currentVisitors: 104 })
  await nextFrame()
  const digits = strips().map(strip => strip.style.getPropertyValue('--tm-digit'))
  expect(digits).toEqual(['1', '0', '4'])
  expect(strips()[2]).toBe(ones)
})

it('writes the number by the locale', async () => {
  const app = await mountCounter({ locale: 'de' })
  app.clients.last.receive({ currentVisitors: 1284 })
  await nextFrame()
  expect(value(app)).toBe('1.284')
})

it('writes the number in English when the locale is no language tag', async () => {
  const app = await mountCounter({ locale: 'not a locale' })
  app.clients.last.receive({ currentVisitors: 1284 })
  await nextFrame()
  expect(value(app)).toBe('1,284')
})

it('is busy with a skeleton until the first number comes', async () => {
  const app = await mountCounter()
  const card = app.wrapper.find('.tm-counter')
  expect(card.attributes('aria-busy')).toBe('true')
  expect(app.wrapper.find('.tm-skeleton').exists()).toBe(true)
  app.clients.last.receive({ currentVisitors: 0 })
  await nextFrame()
  expect(card.attributes('aria-busy')).toBe('false')
  expect(value(app)).toBe('0')
})

it('keeps the last number on screen with its age when the server is gone', async () => {
  const app = await mountCounter()
  app.clients.last.receive({ currentVisitors: 7 })
  await nextFrame()
  app.clients.last.become({ stale: true, error: { code: 'network', message: 'gone' } })
  await vi.advanceTimersByTimeAsync(120_000)
  expect(value(app)).toBe('7')
  expect(app.wrapper.find('.tm-freshness').text()).toBe('Stale, as of 2m ago')
})

it('says what is wrong when there is no number to show', async () => {
  const app = await mountCounter()
  app.clients.last.become({ error: { code: 'site_unknown', message: 'x' } })
  await nextFrame()
  expect(app.wrapper.find('.tm-notice').text()).toBe('This server has no such site.')
})

it('says that the device is offline when there is no number to show', async () => {
  const app = await mountCounter()
  app.clients.last.become({ offline: true })
  await nextFrame()
  expect(app.wrapper.find('.tm-notice').text()).toBe('This device has no network.')
})

it('polls at its own interval when it has one', async () => {
  const app = await mountCounter({ pollInterval: 1500 })
  expect(app.clients.last.options.pollIntervalMs).toBe(1500)
})

it('names itself by its label', async () => {
  const app = await mountCounter({ label: 'People here' })
  expect(app.wrapper.find('h2').text()).toBe('People here')
  expect(app.wrapper.find('[role="group"]').attributes('aria-label')).toBe('People here')
})

it('says the number to a screen reader at once, and then at most every half minute', async () => {
  const app = await mountCounter()
  const said = () => app.wrapper.find('[aria-live]').text()
  app.clients.last.receive({ currentVisitors: 1 })
  await nextFrame()
  expect(said()).toBe('Current visitors: 1')
  for (let visitors = 2; visitors <= 20; visitors++) {
    app.clients.last.receive({ currentVisitors: visitors })
    await vi.advanceTimersByTimeAsync(1000)
  }
  expect(said()).toBe('Current visitors: 1')
  await vi.advanceTimersByTimeAsync(11_000)
  expect(said()).toBe('Current visitors: 20')
  app.wrapper.unmount()
  expect(vi.getTimerCount()).toBe(0)
})

it('lets a page draw the number itself', async () => {
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

it('is not drawn again for another channel or for a status that changes nothing on it', async () => {
  const app = mountApp(() => [h(RealtimeCounter, { config }), h(LiveActivityFeed, { config })])
  await nextTick()
  app.clients.last.receive({ currentVisitors: 3, recentEvents: [] })
  await nextFrame()
  const before = app.redraws.get('RealtimeCounter')
  const feedBefore = app.redraws.get('LiveActivityFeed') ?? 0
  for (let id = 1; id <= 5; id++) {
    const entry = { id: `${id}-0`, type: 'event', name: 'x', timestamp: Date.now() } as const
    app.clients.last.receive({ recentEvents: [entry] })
    await nextFrame()
  }
  app.clients.last.become({ syncedAt: Date.now() + 1 })
  await nextFrame()
  expect(app.redraws.get('RealtimeCounter')).toBe(before)
  expect(app.redraws.get('RollingNumber')).toBeUndefined()
  expect(app.redraws.get('LiveActivityFeed')).toBe(feedBefore + 5)
})

it('shares one connection with other widgets, and the last one to leave closes it', async () => {
  const isFeedShown = shallowRef(true)
  const isCounterShown = shallowRef(true)
  const { clients } = mountApp(() => [
    isCounterShown.value ? h(RealtimeCounter, { config }) : undefined,
    isFeedShown.value ? h(LiveActivityFeed, { config: { ...config } }) : undefined,
  ])
  await nextTick()
  expect(clients.made.length).toBe(1)
  expect(clients.last.open).toEqual([['currentVisitors', 'recentEvents']])
  isCounterShown.value = false
  await flushPromises()
  expect(clients.last.open).toEqual([['recentEvents']])
  isFeedShown.value = false
  await flushPromises()
  expect(clients.last.open).toEqual([])
})
