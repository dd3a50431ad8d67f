// @vitest-environment happy-dom
import { flushPromises } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'
import { h, nextTick, shallowRef } from 'vue'
import LiveActivityFeed from '../LiveActivityFeed/LiveActivityFeed.vue'
import { lingerMs } from '../store/linger.ts'
import { mountApp, nextFrame, unusedConnectionsClosed, useFakePage } from '../testing/mount-app.ts'
import { metricsOf, stubMetrics, totalsOf, useStubbedMetrics } from '../testing/fake-metrics.ts'
import RealtimeCounter from './RealtimeCounter.vue'

const config = { baseUrl: '/api', siteId: 'shop' }

useFakePage()
useStubbedMetrics()

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
  const app = await mountCounter({ locale: 'nl' })
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
  const announced: string[] = []
  const record = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      const text = app.wrapper.find('[aria-live]').text()
      if (text && announced.at(-1) !== text) announced.push(text)
      await vi.advanceTimersByTimeAsync(1000)
    }
  }
  for (let visitors = 1; visitors <= 20; visitors++) {
    app.clients.last.receive({ currentVisitors: visitors })
    await nextFrame()
    await record(1)
  }
  expect(announced).toEqual(['Current visitors: 1 visitor'])
  // A text that was announced does not stay: a reader who moves through the page hears the number once.
  expect(app.wrapper.find('[aria-live]').text()).toBe('')
  await record(12)
  expect(announced).toEqual(['Current visitors: 1 visitor', 'Current visitors: 20 visitors'])
  app.wrapper.unmount()
  await vi.advanceTimersByTimeAsync(lingerMs)
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

it('RealtimeCounter: shows a number of the host with its status, and requests nothing', async () => {
  const app = mountApp(() => h(RealtimeCounter, { config, value: 1500, status: 'disconnected' }))
  await nextFrame()
  expect(value(app)).toBe('1,500')
  expect(app.wrapper.find('.tm-status button').text()).toBe('Disconnected')
  expect(app.clients.created.length).toBe(0)
})

it('RealtimeCounter: formats the number with `format`', () => {
  const format = (count: number) => `~${count}`
  const app = mountApp(() => h(RealtimeCounter, { value: 7, format }))
  expect(value(app)).toBe('~7')
})

it('RealtimeCounter: plays one pulse for each new number', async () => {
  const app = await mountCounter()
  app.clients.last.receive({ currentVisitors: 1 })
  await nextFrame()
  const pulse = () => app.wrapper.find('.tm-counter__pulse').element
  const first = pulse()
  app.clients.last.receive({ currentVisitors: 1 })
  await nextFrame()
  expect(pulse()).toBe(first)
  app.clients.last.receive({ currentVisitors: 2 })
  await nextFrame()
  expect(pulse()).not.toBe(first)
})

it('RealtimeCounter: draws the visitors per minute with `sparkline`', async () => {
  await import('./CounterSparkline.vue')
  const app = mountApp(() => h(RealtimeCounter, { config, sparkline: true }))
  await nextTick()
  app.clients.last.receive({ currentVisitors: 3 })
  await nextFrame()
  await vi.dynamicImportSettled()
  await nextFrame()
  const minutes = [1, 2].map(visitors => ({ at: visitors, events: 0, pageViews: 0, visitors }))
  app.clients.last.receive({ minuteSeries: minutes })
  await nextFrame()
  expect(app.wrapper.find('.tm-sparkline [stroke]').attributes('d')).toContain('L')
})

it('RealtimeCounter: compares five minutes with the same minutes an hour earlier', async () => {
  const requests = stubMetrics()
  const app = mountApp(() => h(RealtimeCounter, { config, comparison: true }))
  await nextTick()
  app.clients.last.receive({ currentVisitors: 3 })
  await nextFrame()
  await vi.dynamicImportSettled()
  await nextFrame()
  const to = Math.floor(Date.now() / 60_000) * 60_000
  expect(requests.map(({ query }) => [query['from'], query['to']])).toEqual(
    [to, to - 3_600_000].map(end => [`${end - 300_000}`, `${end}`]),
  )
  requests[0]?.respond(metricsOf({ totals: totalsOf({ visitors: 12 }) }))
  requests[1]?.respond(metricsOf({ totals: totalsOf({ visitors: 10 }) }))
  await nextFrame()
  const comparison = app.wrapper.find('.tm-comparison')
  expect(comparison.text()).toBe('20%12 in the last 5 minutes, 10 an hour earlier')
  expect(comparison.find('.tm-trend').attributes('aria-label')).toBe('up 20%')
})

it('RealtimeCounter: emits `update` and `error`', async () => {
  const emitted: unknown[] = []
  const app = mountApp(() =>
    h(RealtimeCounter, {
      config,
      onUpdate: visitors => emitted.push(visitors),
      onError: ({ code }) => emitted.push(code),
    }),
  )
  await nextTick()
  app.clients.last.receive({ currentVisitors: 4 })
  await nextFrame()
  app.clients.last.setStatus({ error: { code: 'too_busy', message: 'x' } })
  await nextFrame()
  expect(emitted).toEqual([4, 'too_busy'])
})

it('RealtimeCounter: renders the slot stale while its number is out of date', async () => {
  const stale = ({ state }: { state: string }) => `since ${state}`
  const app = mountApp(() => h(RealtimeCounter, { config }, { stale }))
  await nextTick()
  app.clients.last.receive({ currentVisitors: 4 })
  await nextFrame()
  expect(app.wrapper.text()).not.toContain('since')
  app.clients.last.setStatus({ stale: true })
  await nextFrame()
  expect(app.wrapper.text()).toContain('since stale')
})

it('RealtimeCounter: counts the visitors of one page with `path`', async () => {
  const path = shallowRef('/caf\u00e9?from=menu')
  const app = mountApp(() => h(RealtimeCounter, { config, path: path.value }))
  await nextTick()
  expect(app.wrapper.get('h2').text()).toBe('On this page')
  app.clients.last.receive({ pageVisitors: [{ path: '/caf%C3%A9', visitors: 17 }] })
  await nextFrame()
  expect(value(app)).toBe('17')
  expect(app.wrapper.get('[role="img"]').attributes('aria-label')).toBe('17 people on this page')
  app.clients.last.receive({ pageVisitors: [{ path: '/caf%C3%A9', visitors: 1 }] })
  await nextFrame()
  expect(app.wrapper.get('[role="img"]').attributes('aria-label')).toBe('1 person on this page')
})
