// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest'
import { h, nextTick, shallowRef } from 'vue'
import RealtimeCounter from '../RealtimeCounter/RealtimeCounter.vue'
import { mountApp, nextFrame, useFakePage } from '../testing/mount-app.ts'
import type { HostStatus } from '../status/connection-state.ts'
import TopList from './TopList.vue'

const config = { baseUrl: '/api', siteId: 'shop' }

useFakePage()

function rowsOf({ wrapper }: { wrapper: ReturnType<typeof mountApp>['wrapper'] }) {
  return wrapper.findAll('.tm-row').map(row => row.findAll('bdi').map(cell => cell.text()))
}

/** A list of pages. */
const PageList = TopList<{ path: string; visitors: number }>

const pages = [
  { path: '/', visitors: 30 },
  { path: '/pricing', visitors: 10 },
]

it('TopList: ranks `items` with counts and shares', () => {
  const app = mountApp(() =>
    h(PageList, { title: 'Active Pages', items: pages, labelKey: 'path', valueKey: 'visitors' }),
  )
  expect(rowsOf(app)).toEqual([
    ['/', '30', '75%'],
    ['/pricing', '10', '25%'],
  ])
  const bars = app.wrapper.findAll('.tm-row__fill').map(bar => bar.attributes('style'))
  expect(bars).toEqual(['--_tm-fill: 1;', '--_tm-fill: 0.3333333333333333;'])
})

it('TopList: groups rows beyond the limit into "Other"', () => {
  const app = mountApp(() =>
    h(PageList, { title: 'T', items: pages, labelKey: 'path', valueKey: 'visitors', limit: 1 }),
  )
  expect(rowsOf(app)).toEqual([
    ['/', '30', '75%'],
    ['Other', '10', '25%'],
  ])
})

it('TopList: shows items with the same label as separate rows', () => {
  const items = [
    { name: 'a', value: 2 },
    { name: 'a', value: 1 },
  ]
  const app = mountApp(() =>
    h(TopList<(typeof items)[number]>, { title: 'T', items, labelKey: 'name', valueKey: 'value' }),
  )
  expect(rowsOf(app).map(([label, count]) => [label, count])).toEqual([
    ['a', '2'],
    ['a', '1'],
  ])
})

it('TopList: renders items without a label or a number', () => {
  const items: object[] = [{ path: undefined, visitors: 'many' }, { path: { toString: 1 } }]
  const untyped = items as { path: string; visitors: number }[]
  const app = mountApp(() =>
    h(PageList, { title: 'T', items: untyped, labelKey: 'path', valueKey: 'visitors' }),
  )
  expect(rowsOf(app).map(([label, count]) => [label, count])).toEqual([
    ['(none)', '0'],
    ['(none)', '0'],
  ])
})

it('TopList: decodes paths, and keeps paths separate that look alike', () => {
  const items = [
    { path: '/caf%C3%A9', visitors: 2 },
    { path: '/café', visitors: 1 },
    { path: ' ', visitors: 1 },
  ]
  const app = mountApp(() =>
    h(PageList, { title: 'T', items, labelKey: 'path', valueKey: 'visitors' }),
  )
  expect(rowsOf(app).map(([label, count]) => [label, count])).toEqual([
    ['/café', '2'],
    ['/café', '1'],
    ['(none)', '1'],
  ])
  const names = app.wrapper.findAll('.tm-row__name')
  expect(names.map(name => name.attributes('dir'))).toEqual(['ltr', 'ltr', 'auto'])
})

it('TopList: shows a skeleton without `items`, and a text for an empty list', async () => {
  const items = shallowRef<typeof pages>()
  const app = mountApp(() =>
    h(PageList, { title: 'T', items: items.value, labelKey: 'path', valueKey: 'visitors' }),
  )
  expect(app.wrapper.find('.tm-toplist').attributes('aria-busy')).toBe('true')
  items.value = []
  await nextTick()
  expect(app.wrapper.find('.tm-empty').text()).toBe('No data yet.')
  expect(app.clients.created.length).toBe(0)
})

it('TopList: shows the `status` of its items, "Live" only with `realtime`', async () => {
  const props = shallowRef<{ realtime?: boolean; status?: HostStatus }>({ realtime: true })
  const app = mountApp(() =>
    h(PageList, {
      title: 'T',
      items: pages,
      labelKey: 'path',
      valueKey: 'visitors',
      ...props.value,
    }),
  )
  const badge = () => app.wrapper.find('.tm-status')
  expect(badge().exists()).toBe(false)
  props.value = { realtime: true, status: 'connected' }
  await nextTick()
  expect(badge().find('button').text()).toBe('Live')
  props.value = { realtime: false, status: 'connected' }
  await nextTick()
  expect(badge().exists()).toBe(false)
  props.value = { realtime: true, status: 'disconnected' }
  await nextTick()
  expect(badge().find('button').text()).toBe('Disconnected')
})

it('TopList: reuses a row when its rank changes', async () => {
  const app = mountApp(() => h(TopList, { title: 'T', config, channel: 'activePages' }))
  await nextTick()
  app.clients.last.receive({ activePages: pages })
  await nextFrame()
  const before = app.wrapper.findAll('.tm-row').map(row => row.element)
  app.clients.last.receive({
    activePages: [{ path: '/pricing', visitors: 50 }, ...pages.slice(0, 1)],
  })
  await nextFrame()
  expect(app.wrapper.findAll('.tm-row').map(row => row.element)).toEqual(before.toReversed())
})

it('TopList: shows the state of its connection in place of "Live"', async () => {
  const app = mountApp(() => h(TopList, { title: 'T', config, channel: 'devices', realtime: true }))
  await nextTick()
  app.clients.last.receive({ devices: [] }, { phase: 'polling', transport: 'poll' })
  await nextFrame()
  expect(app.wrapper.find('.tm-status').text()).toBe('Polling')
  expect(app.wrapper.find('.tm-empty').text()).toBe('No visitors right now.')
  app.clients.last.setStatus({ stale: true })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(app.wrapper.find('.tm-status').text()).toBe('Stale, as of 1m ago')
})

it('TopList: shows a skeleton, then the error when no data arrives', async () => {
  const app = mountApp(() => h(TopList, { title: 'T', config, channel: 'devices' }))
  await nextTick()
  expect(app.wrapper.findAll('.tm-row__skeleton').length).toBe(10)
  app.clients.last.setStatus({ error: { code: 'network', message: 'x' } })
  await nextFrame()
  expect(app.wrapper.find('.tm-notice').text()).toBe('The server does not answer. Trying again.')
})

it('TopList: re-renders only for its own channel', async () => {
  const app = mountApp(() => [
    h(TopList, { title: 'T', config, channel: 'devices' }),
    h(RealtimeCounter, { config }),
  ])
  await nextTick()
  app.clients.last.receive({ devices: [{ device: 'tv', visitors: 1 }], currentVisitors: 1 })
  await nextFrame()
  const before = app.rerenders.get('TopList')
  app.clients.last.receive({ currentVisitors: 2 })
  await nextFrame()
  expect(app.rerenders.get('TopList')).toBe(before)
  app.clients.last.receive({ devices: [{ device: 'tv', visitors: 2 }] })
  await nextFrame()
  expect(app.rerenders.get('TopList')).toBe((before ?? 0) + 1)
})

it.each(['<script>globalThis.hacked = 1</script>', '\u202Egnp.exe', 'javascript:alert(1)'])(
  'TopList: renders %j as plain text',
  text => {
    const items = [{ path: text, visitors: 1 }]
    const app = mountApp(() =>
      h(PageList, { title: text, items, labelKey: 'path', valueKey: 'visitors' }),
    )
    expect(app.wrapper.find('.tm-row__name').element.textContent).toBe(text)
    expect(app.wrapper.findAll('script, a')).toEqual([])
    expect(globalThis).not.toHaveProperty('hacked')
  },
)
