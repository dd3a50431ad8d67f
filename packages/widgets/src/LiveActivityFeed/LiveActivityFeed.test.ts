// @vitest-environment happy-dom
import type { FeedEntry, FeedEntryType } from '@tidemark/protocol'
import { expect, it, onTestFinished, vi } from 'vitest'
import { h, nextTick, shallowRef } from 'vue'
import { mountApp, nextFrame, useFakePage } from '../testing/mount-app.ts'
import LiveActivityFeed from './LiveActivityFeed.vue'

const config = { baseUrl: '/api', siteId: 'shop' }
const now = Date.UTC(2026, 10, 22, 12)

useFakePage(now)

function entry(id: number, rest: Partial<FeedEntry> = {}): FeedEntry {
  return {
    id: `${id}-0`,
    type: 'pageview',
    name: 'page_view',
    path: `/${id}`,
    timestamp: now,
    ...rest,
  }
}

interface FeedProps {
  animate?: boolean
  filter?: (entry: FeedEntry) => boolean
  filterable?: boolean
  link?: (entry: FeedEntry) => string | undefined
  maxItems?: number
  paused?: boolean
  showLocation?: boolean
  title?: string
  types?: FeedEntryType[]
  onError?: (error: object) => void
  'onRow-click'?: (entry: FeedEntry, event: MouseEvent) => void
  onUpdate?: (entries: readonly FeedEntry[]) => void
}

async function mountFeed(
  entries: FeedEntry[] | undefined,
  props: FeedProps = {},
  slots: Record<string, unknown> = {},
) {
  const app = mountApp(() => h(LiveActivityFeed, { config, ...props }, slots))
  await nextTick()
  if (entries) app.clients.last.receive({ recentEvents: entries })
  await nextFrame()
  const texts = (selector: string) => app.wrapper.findAll(selector).map(found => found.text())
  const receive = async (next: FeedEntry[]) => {
    app.clients.last.receive({ recentEvents: next })
    await nextFrame()
  }
  return { ...app, receive, texts }
}

it('LiveActivityFeed: shows the newest entry first', async () => {
  const { texts } = await mountFeed([entry(3), entry(2), entry(1)])
  expect(texts('.tm-entry__primary')).toEqual(['/3', '/2', '/1'])
})

it('LiveActivityFeed: sorts late events by their timestamp', async () => {
  const late = [30, 25, 25, 30, 5].map((seconds, index) =>
    entry(9 - index, { timestamp: now - seconds * 1000 }),
  )
  const { texts } = await mountFeed(late)
  expect(texts('.tm-entry__primary')).toEqual(['/5', '/8', '/7', '/9', '/6'])
  expect(texts('time')).toEqual(['5s ago', '25s ago', '25s ago', '30s ago', '30s ago'])
  expect((await mountFeed(late, { maxItems: 1 })).texts('.tm-entry__primary')).toEqual(['/5'])
})

it('LiveActivityFeed: shows `max-items` entries, 20 by default', async () => {
  const many = Array.from({ length: 50 }, (_, index) => entry(50 - index))
  expect((await mountFeed(many, { maxItems: 3 })).texts('.tm-entry__primary')).toEqual([
    '/50',
    '/49',
    '/48',
  ])
  expect((await mountFeed(many)).texts('.tm-entry').length).toBe(20)
})

it.each([
  [0, 1],
  [-5, 1],
  [Number.NaN, 1],
  [2.9, 2],
  [Infinity, 50],
])('LiveActivityFeed: treats `max-items` %d as %d', async (maxItems, shown) => {
  const many = Array.from({ length: 60 }, (_, index) => entry(60 - index))
  expect((await mountFeed(many, { maxItems })).texts('.tm-entry').length).toBe(shown)
})

it('LiveActivityFeed: reuses the row of an entry when a newer entry arrives', async () => {
  const { clients, wrapper } = await mountFeed([entry(1)])
  const before = wrapper.find('.tm-entry').element
  clients.last.receive({ recentEvents: [entry(2), entry(1)] })
  await nextFrame()
  expect(wrapper.findAll('.tm-entry')[1]?.element).toBe(before)
})

it('LiveActivityFeed: animates new rows only with `animate`', async () => {
  vi.stubGlobal('matchMedia', () => ({ matches: false }))
  onTestFinished(() => void vi.unstubAllGlobals())
  const animate = vi.fn<Element['animate']>()
  Element.prototype.animate = animate
  for (const isAnimated of [false, true]) {
    const { clients } = await mountFeed([entry(1)], { animate: isAnimated })
    clients.last.receive({ recentEvents: [entry(2), entry(1)] })
    await nextFrame()
    expect(animate.mock.calls.length > 0).toBe(isAnimated)
  }
})

const outboundTo = (target: string): FeedEntry =>
  entry(1, { type: 'outbound', name: 'outbound', target })

it.each<[FeedEntry, string, string, string[]]>([
  [entry(1, { title: 'One' }), 'Page view', '/1', ['One']],
  [entry(1, { type: 'event', name: 'sign_up' }), 'Event', 'sign_up', ['/1']],
  [entry(1, { type: 'outbound', name: 'outbound' }), 'Outbound link', 'Outbound link', ['/1']],
  [entry(1, { type: 'download', name: 'download' }), 'Download', 'Download', ['/1']],
  [outboundTo('shop.example'), 'Outbound link', 'shop.example', ['/1']],
  [outboundTo('\u200b'), 'Outbound link', 'Outbound link', ['/1']],
  [
    entry(1, { type: 'download', name: 'download', target: 'menu.pdf' }),
    'Download',
    'menu.pdf',
    ['/1'],
  ],
  [entry(1, { type: 'goal', goal: 'Bought', name: 'order' }), 'Goal', 'Bought', ['/1']],
  [entry(1, { type: 'goal', goal: 'Paid' }), 'Goal', 'Paid', ['/1']],
  [entry(1, { type: 'goal', goal: 'Got it', name: 'download' }), 'Goal', 'Got it', ['/1']],
])('LiveActivityFeed: describes %o in words', async (given, typeLabel, primary, secondary) => {
  const { texts } = await mountFeed([given])
  expect(texts('.tm-entry__text > .tm-hidden')).toEqual([typeLabel])
  expect(texts('.tm-entry__primary')).toEqual([primary])
  expect(texts('.tm-entry__secondary')).toEqual(secondary)
})

it.each<[FeedEntry, string, string[]]>([
  [entry(1, { path: '/caf%C3%A9' }), '/café', []],
  [entry(1, { type: 'event', name: 'sign_up', path: '/caf%C3%A9' }), 'sign_up', ['/café']],
  [entry(1, { type: 'event', name: ' ' }), '(unnamed)', ['/1']],
  [entry(1, { type: 'goal', goal: '\u200b' }), '(unnamed)', ['/1']],
  [entry(1, { path: ' ', title: '\u00a0' }), 'page_view', []],
])('LiveActivityFeed: shows readable text for %o', async (given, primary, secondary) => {
  const { texts } = await mountFeed([given])
  expect(texts('.tm-entry__primary')).toEqual([primary])
  expect(texts('.tm-entry__secondary')).toEqual(secondary)
})

it('LiveActivityFeed: labels an unknown type as an event', async () => {
  const unknownType: unknown = 'constructor'
  const { texts } = await mountFeed([{ ...entry(1), type: unknownType as FeedEntry['type'] }])
  expect(texts('.tm-entry__text > .tm-hidden')).toEqual(['Event'])
})

it('LiveActivityFeed: shows country and flag only with `show-location`', async () => {
  const entries = [entry(1, { country: 'DE' })]
  expect((await mountFeed(entries)).texts('.tm-entry__country')).toEqual([])
  const { texts } = await mountFeed(entries, { showLocation: true })
  expect(texts('.tm-entry__country-name')).toEqual(['Germany'])
  expect(texts('.tm-flag')).toEqual(['🇩🇪'])
})

it('LiveActivityFeed: shows an invalid country code as Unknown', async () => {
  const { texts } = await mountFeed([entry(1, { country: '<script>' })], { showLocation: true })
  expect(texts('.tm-entry__country-name')).toEqual(['Unknown'])
})

it('LiveActivityFeed: updates ages without a re-render of the rows', async () => {
  const { texts, rerenders } = await mountFeed([entry(2), entry(1, { timestamp: now - 3_600_000 })])
  expect(texts('time')).toEqual(['now', '1h ago'])
  const before = rerenders.get('LiveActivityFeed')
  await vi.advanceTimersByTimeAsync(12_000)
  expect(texts('time')).toEqual(['10s ago', '1h ago'])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(texts('time')).toEqual(['1m ago', '1h ago'])
  expect(rerenders.get('LiveActivityFeed')).toBe(before)
  expect(rerenders.get('FeedRow')).toBeUndefined()
})

it('LiveActivityFeed: shows a future timestamp as now', async () => {
  expect((await mountFeed([entry(1, { timestamp: now + 3_600_000 })])).texts('time')).toEqual([
    'now',
  ])
})

it('LiveActivityFeed: renders bad data without an error', async () => {
  const bad: unknown[] = [
    null,
    7,
    'text',
    {},
    { id: 5, type: 'constructor', name: {}, path: 3, title: [], country: 1, timestamp: 'now' },
    entry(1, { timestamp: 1e300 }),
    entry(1, { path: '/repeated' }),
    entry(2),
  ]
  const { texts } = await mountFeed(bad as FeedEntry[], { showLocation: true })
  expect(texts('.tm-entry__primary')).toEqual(['/2', '(unnamed)', '(unnamed)', '/1'])
  expect(texts('time')).toEqual(['now'])
})

it('LiveActivityFeed: shows a skeleton before the first entries, and a text for an empty feed', async () => {
  const { clients, wrapper } = await mountFeed(undefined)
  expect(wrapper.find('.tm-feed').attributes('aria-busy')).toBe('true')
  expect(wrapper.findAll('.tm-entry__skeleton').length).toBe(20)
  clients.last.receive({ recentEvents: [] })
  await nextFrame()
  expect(wrapper.find('.tm-feed').attributes('aria-busy')).toBe('false')
  expect(wrapper.find('.tm-empty').text()).toContain('No activity yet.')
})

it('LiveActivityFeed: retains its entries offline and shows their age', async () => {
  const { clients, texts } = await mountFeed([entry(1)])
  expect(texts('.tm-status')).toEqual([])
  clients.last.setStatus({ offline: true })
  await vi.advanceTimersByTimeAsync(180_000)
  expect(texts('.tm-entry__primary')).toEqual(['/1'])
  expect(texts('.tm-status')).toEqual(['Offline, as of 3m ago'])
})

it('LiveActivityFeed: shows the error when it has no data', async () => {
  const { clients, texts } = await mountFeed(undefined)
  clients.last.setStatus({ unauthorized: true, error: { code: 'refused', message: 'x' } })
  await nextFrame()
  expect(texts('.tm-notice')).toEqual(['You do not have access to these numbers.'])
})

const hostile = [
  '<script>globalThis.hacked = true</script>',
  '<img src=x onerror="globalThis.hacked = true">',
  'javascript:alert(1)\n//',
  '" onmouseover="globalThis.hacked = true',
  '\u202Egnp.exe\u2066',
  '{{ constructor.constructor("globalThis.hacked = true")() }}',
]

it.each(hostile)('LiveActivityFeed: renders %j as plain text', async text => {
  const { wrapper } = await mountFeed(
    [
      entry(2, { path: text, title: text, country: text }),
      entry(1, { type: 'event', name: text, path: text }),
    ],
    { showLocation: true, title: text },
  )
  expect(wrapper.find('.tm-entry__primary').element.textContent).toBe(text)
  expect(wrapper.find('.tm-card__title').element.textContent).toBe(text)
  expect(wrapper.findAll('script, img, a, [onerror], [onmouseover]')).toEqual([])
  expect(globalThis).not.toHaveProperty('hacked')
})

it('LiveActivityFeed: isolates the writing direction of each text', async () => {
  const { wrapper } = await mountFeed([entry(1, { path: '/\u202Eabc', title: 'עברית' })])
  const texts = wrapper.findAll('.tm-entry__primary, .tm-entry__secondary')
  expect(texts.map(text => text.element.tagName)).toEqual(['BDI', 'BDI'])
  // Paths run from left to right, also after a right-to-left character.
  expect(texts.map(text => text.attributes('dir'))).toEqual(['ltr', 'auto'])
})

const primary = '.tm-entry__primary'
const feed = '.tm-feed'
/** Entries with ids from `last` down to 1. */
const upTo = (last: number) => Array.from({ length: last }, (_, index) => entry(last - index))

it('LiveActivityFeed: holds new entries back while the pointer is over it', async () => {
  const { receive, texts, wrapper } = await mountFeed(upTo(1))
  await wrapper.find(feed).trigger('pointerenter', { pointerType: 'mouse' })
  await receive(upTo(3))
  expect(texts(primary)).toEqual(['/1'])
  expect(texts('.tm-feed__new')).toEqual(['2 new'])
  await wrapper.find(feed).trigger('pointerleave')
  expect(texts(primary)).toEqual(['/3', '/2', '/1'])
  expect(texts('.tm-feed__new')).toEqual([])
})

it('LiveActivityFeed: does not pause for a finger', async () => {
  const { receive, texts, wrapper } = await mountFeed(upTo(1))
  await wrapper.find(feed).trigger('pointerenter', { pointerType: 'touch' })
  await receive(upTo(2))
  expect(texts(primary)).toEqual(['/2', '/1'])
})

it('LiveActivityFeed: holds new entries back while it has the keyboard focus', async () => {
  const { receive, texts, wrapper } = await mountFeed(upTo(1))
  const button = wrapper.find('.tm-entry__time')
  Object.assign(button.element, { matches: (selector: string) => selector === ':focus-visible' })
  await button.trigger('focusin')
  await receive(upTo(2))
  expect(texts(primary)).toEqual(['/1'])
  await button.trigger('focusout', { relatedTarget: wrapper.find('.tm-feed__new').element })
  expect(texts(primary)).toEqual(['/1'])
  await button.trigger('focusout')
  expect(texts(primary)).toEqual(['/2', '/1'])
})

it('LiveActivityFeed: holds new entries back while it is scrolled, and scrolls back for new ones', async () => {
  const { receive, texts, wrapper } = await mountFeed(upTo(1))
  const list = wrapper.find('ol')
  list.element.scrollTop = 40
  await list.trigger('scroll')
  await receive(upTo(2))
  expect(texts(primary)).toEqual(['/1'])
  await wrapper.find('.tm-feed__new').trigger('click')
  expect(list.element.scrollTop).toBe(0)
  expect(document.activeElement).toBe(list.element)
  expect(texts(primary)).toEqual(['/2', '/1'])
  await list.trigger('scroll')
  await list.trigger('focusout')
  await receive(upTo(3))
  expect(texts(primary)).toEqual(['/3', '/2', '/1'])
})

it('LiveActivityFeed: counts at most 50 new entries, and keeps its rows', async () => {
  const { receive, texts } = await mountFeed(upTo(1), { paused: true })
  await receive(upTo(40).slice(0, 39))
  expect(texts('.tm-feed__new')).toEqual(['39 new'])
  await receive(upTo(90).slice(0, 50))
  expect(texts('.tm-feed__new')).toEqual(['50+ new'])
  expect(texts(primary)).toEqual(['/1'])
})

it('LiveActivityFeed: announces new entries at most every half minute', async () => {
  const { receive, texts } = await mountFeed(upTo(1), { paused: true })
  const spoken = () => texts('[aria-live]')
  expect(spoken()).toEqual([''])
  await receive(upTo(2))
  expect(spoken()).toEqual(['1 new'])
  await receive(upTo(4))
  expect(spoken()).toEqual(['1 new'])
  await vi.advanceTimersByTimeAsync(30_000)
  expect(spoken()).toEqual(['3 new'])
})

it('LiveActivityFeed: announces nothing while it is not paused', async () => {
  const { receive, texts } = await mountFeed(upTo(1))
  await receive(upTo(2))
  expect(texts('[aria-live]')).toEqual([''])
})

it('LiveActivityFeed: shows only the types of `types`, and what `filter` accepts', async () => {
  const entries = [entry(3, { type: 'goal', goal: 'G' }), entry(2, { type: 'download' }), entry(1)]
  expect((await mountFeed(entries, { types: ['goal', 'pageview'] })).texts(primary)).toEqual([
    'G',
    '/1',
  ])
  const filter = ({ type }: FeedEntry) => type === 'download'
  expect((await mountFeed(entries, { filter })).texts(primary)).toEqual(['Download'])
})

it('LiveActivityFeed: selects a type with `filterable`', async () => {
  const { texts, wrapper } = await mountFeed([entry(2, { type: 'goal', goal: 'G' }), entry(1)], {
    filterable: true,
    types: ['pageview', 'goal', 'download'],
  })
  expect(texts('option')).toEqual(['All activity', 'Page view', 'Download', 'Goal'])
  const select = wrapper.find('select')
  expect(select.attributes('aria-label')).toBe('Type of activity')
  await select.setValue('goal')
  expect(texts(primary)).toEqual(['G'])
  await select.setValue('download')
  expect(texts('.tm-empty')).toEqual(['No such activity yet.'])
  await select.setValue('')
  expect(texts(primary)).toEqual(['G', '/1'])
})

it('LiveActivityFeed: shows the full texts and the exact time of an entry on demand', async () => {
  const { texts, wrapper } = await mountFeed([entry(1, { title: 'One', country: 'DE' })], {
    showLocation: true,
  })
  const button = wrapper.find('.tm-entry__time')
  expect(button.attributes('aria-expanded')).toBe('false')
  expect(button.text()).toBe('now Details')
  await button.trigger('click')
  expect(button.attributes('aria-expanded')).toBe('true')
  const details = wrapper.find('.tm-entry__details')
  expect(details.findAll('bdi, span').map(found => found.text())).toEqual([
    '/1',
    'One',
    expect.stringContaining('Nov 22, 2026'),
    'Germany',
  ])
  await button.trigger('keydown', { key: 'Escape' })
  expect(texts('.tm-entry__details')).toEqual([])
})

it('LiveActivityFeed: holds new entries back while details are open', async () => {
  const { receive, texts, wrapper } = await mountFeed(upTo(1))
  await wrapper.find('.tm-entry__time').trigger('click')
  await receive(upTo(2))
  expect(texts('.tm-feed__new')).toEqual(['1 new'])
  await wrapper.find('.tm-entry__time').trigger('click')
  expect(texts(primary)).toEqual(['/2', '/1'])
})

it('LiveActivityFeed: emits `row-click` from a button, only with a listener', async () => {
  expect((await mountFeed(upTo(1))).wrapper.find('.tm-entry__text').element.tagName).toBe('SPAN')
  const onRowClick = vi.fn<(entry: FeedEntry, event: Event) => void>()
  const { wrapper } = await mountFeed(upTo(1), { 'onRow-click': onRowClick })
  const button = wrapper.find('button.tm-entry__text')
  await button.trigger('click')
  expect(onRowClick).toHaveBeenCalledWith(entry(1), expect.any(MouseEvent))
})

it('LiveActivityFeed: links entries to relative, http and https URLs only', async () => {
  const link = ({ path }: FeedEntry) => path
  const urls = ['/a', 'https://a.example/', 'javascript:alert(1)', 'data:text/html,x']
  const { wrapper } = await mountFeed(
    urls.map((path, index) => entry(9 - index, { path })),
    { link },
  )
  expect(wrapper.findAll('a').map(found => found.attributes('href'))).toEqual(urls.slice(0, 2))
})

it('LiveActivityFeed: emits `update` with the shown entries', async () => {
  const onUpdate = vi.fn<(entries: readonly FeedEntry[]) => void>()
  const { receive } = await mountFeed(upTo(2), { onUpdate, maxItems: 1 })
  await receive(upTo(3))
  expect(onUpdate.mock.calls).toEqual([[[entry(2)]], [[entry(3)]]])
})

it('LiveActivityFeed: emits `error`', async () => {
  const onError = vi.fn<(error: object) => void>()
  const { clients } = await mountFeed(upTo(1), { onError })
  const error = { code: 'refused', message: 'x' } as const
  clients.last.setStatus({ error })
  await nextFrame()
  expect(onError).toHaveBeenCalledWith(error)
})

it('LiveActivityFeed: renders the slots of a row', async () => {
  const slots = {
    icon: ({ entry: { type } }: { entry: FeedEntry }) => `icon ${type}`,
    label: ({ label, detail }: { label: string; detail: string }) => `label ${label} ${detail}`,
    value: ({ entry: { timestamp } }: { entry: FeedEntry }) => `at ${timestamp}`,
  }
  const { wrapper } = await mountFeed([entry(1, { title: 'One' })], {}, slots)
  const row = wrapper.find('.tm-entry')
  expect(row.text()).toContain('icon pageview')
  expect(row.find('.tm-entry__text').text()).toBe('Page view label /1 One')
  expect(row.find('.tm-entry__time').text()).toBe(`at ${now} Details`)
})

it('LiveActivityFeed: replaces rows by the slot `row`', async () => {
  const row = ({ entry: { path } }: { entry: FeedEntry }) => `row ${path}`
  const { texts } = await mountFeed(upTo(2), {}, { row })
  expect(texts('.tm-entry')).toEqual(['row /2', 'row /1'])
})

it('LiveActivityFeed: shows `items` of the host with their `status`, without a connection', async () => {
  const items = shallowRef<FeedEntry[]>()
  const app = mountApp(() =>
    h(LiveActivityFeed, { config, items: items.value, status: 'disconnected', maxItems: 60 }),
  )
  await nextTick()
  expect(app.wrapper.find('.tm-notice').exists()).toBe(true)
  items.value = upTo(70)
  await nextTick()
  expect(app.wrapper.findAll('.tm-entry').length).toBe(60)
  expect(app.wrapper.find('.tm-status button').text()).toBe('Disconnected')
  expect(app.clients.created.length).toBe(0)
})

it('LiveActivityFeed: waits for the `items` of the host', () => {
  const app = mountApp(() => h(LiveActivityFeed, { config, items: undefined }))
  expect(app.wrapper.find('.tm-feed').attributes('aria-busy')).toBe('true')
  expect(app.wrapper.findAll('.tm-entry__skeleton').length).toBe(20)
  expect(app.clients.created.length).toBe(0)
})

it('LiveActivityFeed: renders a row again only when its own entry changes', async () => {
  const { receive, rerenders } = await mountFeed(upTo(20))
  // New objects with equal contents, as in a poll.
  await receive(upTo(21))
  expect(rerenders.get('FeedRow')).toBeUndefined()
  await receive(upTo(21).map(each => (each.id === '20-0' ? { ...each, title: 'New' } : each)))
  expect(rerenders.get('FeedRow')).toBe(1)
})
