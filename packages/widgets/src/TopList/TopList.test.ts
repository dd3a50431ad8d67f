// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest'
import { h, nextTick, shallowRef } from 'vue'
import RealtimeCounter from '../RealtimeCounter/RealtimeCounter.vue'
import { mountApp, nextFrame, useFakePage } from '../testing/mount-app.ts'
import TopList from './TopList.vue'
import type { TopListChannel } from './channel-items.ts'

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

it('ranks what it is given, with counts and shares', () => {
  const app = mountApp(() =>
    h(PageList, { title: 'Active Pages', items: pages, labelKey: 'path', valueKey: 'visitors' }),
  )
  expect(rowsOf(app)).toEqual([
    ['/', '30', '75%'],
    ['/pricing', '10', '25%'],
  ])
  const bars = app.wrapper.findAll<HTMLElement>('.tm-row__bar').map(bar => bar.attributes('style'))
  expect(bars.map(style => /([\d.]+)%/.exec(style ?? '')?.[1])).toEqual([
    '100',
    '33.33333333333333',
  ])
})

it('puts what is beyond the limit into a last row', () => {
  const app = mountApp(() =>
    h(PageList, { title: 'T', items: pages, labelKey: 'path', valueKey: 'visitors', limit: 1 }),
  )
  expect(rowsOf(app)).toEqual([
    ['/', '30', '75%'],
    ['Other', '10', '25%'],
  ])
})

it('keeps rows of the same label apart', () => {
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

it('bears items without a label or a number', () => {
  const items: object[] = [{ path: undefined, visitors: 'many' }, { path: { toString: 1 } }]
  const given = items as { path: string; visitors: number }[]
  const app = mountApp(() =>
    h(PageList, { title: 'T', items: given, labelKey: 'path', valueKey: 'visitors' }),
  )
  expect(rowsOf(app).map(([label, count]) => [label, count])).toEqual([
    ['(none)', '0'],
    ['(none)', '0'],
  ])
})

it('shows paths as they are read, and keeps those apart that only look alike', () => {
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

it('waits for items that are to come, and says when there are none', async () => {
  const items = shallowRef<typeof pages>()
  const app = mountApp(() =>
    h(PageList, { title: 'T', items: items.value, labelKey: 'path', valueKey: 'visitors' }),
  )
  expect(app.wrapper.find('.tm-toplist').attributes('aria-busy')).toBe('true')
  items.value = []
  await nextTick()
  expect(app.wrapper.find('.tm-empty').text()).toBe('Nothing to show yet.')
  expect(app.clients.made.length).toBe(0)
})

it('says that it is live when it was told so', async () => {
  const realtime = shallowRef(false)
  const app = mountApp(() =>
    h(PageList, {
      title: 'T',
      items: pages,
      labelKey: 'path',
      valueKey: 'visitors',
      realtime: realtime.value,
    }),
  )
  expect(app.wrapper.find('.tm-freshness').exists()).toBe(false)
  realtime.value = true
  await nextTick()
  expect(app.wrapper.find('.tm-freshness').text()).toBe('Live')
})

it.each<[TopListChannel, object, string[][]]>([
  [
    'activePages',
    [
      { path: '/caf%C3%A9', visitors: 3 },
      { path: '(other)', visitors: 1, rest: true },
    ],
    [
      ['/café', '3', '75%'],
      ['Other', '1', '25%'],
    ],
  ],
  ['referrers', [{ source: '(direct)', visitors: 1 }], [['Direct', '1', '100%']]],
  [
    'countries',
    [
      { country: 'DE', visitors: 3 },
      { country: '(unknown)', visitors: 1 },
    ],
    [
      ['Germany', '3', '75%'],
      ['Unknown', '1', '25%'],
    ],
  ],
  [
    'devices',
    [
      { device: 'tv', visitors: 3 },
      { device: 'toString', visitors: 1 },
    ],
    [
      ['TV', '3', '75%'],
      ['toString', '1', '25%'],
    ],
  ],
])('takes %s from the stream by itself', async (channel, rows, shown) => {
  const app = mountApp(() => h(TopList, { title: 'T', config, channel }))
  await nextTick()
  expect(app.clients.last.open).toEqual([[channel]])
  app.clients.last.receive({ [channel]: rows })
  await nextFrame()
  expect(rowsOf(app)).toEqual(shown)
})

it('keeps a row when its rank changes', async () => {
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

it('shows how its own connection is, whatever `realtime` claims', async () => {
  const app = mountApp(() => h(TopList, { title: 'T', config, channel: 'devices', realtime: true }))
  await nextTick()
  app.clients.last.receive({ devices: [] }, { phase: 'polling', transport: 'poll' })
  await nextFrame()
  expect(app.wrapper.find('.tm-freshness').text()).toBe('Polling')
  expect(app.wrapper.find('.tm-empty').text()).toBe('Nobody is here right now.')
  app.clients.last.become({ stale: true })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(app.wrapper.find('.tm-freshness').text()).toBe('Stale, as of 1m ago')
})

it('shows a skeleton and then what is wrong when the stream gives nothing', async () => {
  const app = mountApp(() => h(TopList, { title: 'T', config, channel: 'devices' }))
  await nextTick()
  expect(app.wrapper.findAll('.tm-row__skeleton').length).toBe(4)
  app.clients.last.become({ error: { code: 'network', message: 'x' } })
  await nextFrame()
  expect(app.wrapper.find('.tm-notice').text()).toBe('The server does not answer. Trying again.')
})

it('is drawn again for its own channel alone', async () => {
  const app = mountApp(() => [
    h(TopList, { title: 'T', config, channel: 'devices' }),
    h(RealtimeCounter, { config }),
  ])
  await nextTick()
  app.clients.last.receive({ devices: [{ device: 'tv', visitors: 1 }], currentVisitors: 1 })
  await nextFrame()
  const before = app.redraws.get('TopList')
  app.clients.last.receive({ currentVisitors: 2 })
  await nextFrame()
  expect(app.redraws.get('TopList')).toBe(before)
  app.clients.last.receive({ devices: [{ device: 'tv', visitors: 2 }] })
  await nextFrame()
  expect(app.redraws.get('TopList')).toBe((before ?? 0) + 1)
})

it.each(['<script>globalThis.hacked = 1</script>', '\u202Egnp.exe', 'javascript:alert(1)'])(
  'shows %j as the text that it is',
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
