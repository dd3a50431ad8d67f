// @vitest-environment happy-dom
import type { FeedEntry } from '@tidemark/protocol'
import { expect, it, vi } from 'vitest'
import { h, nextTick } from 'vue'
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

async function mountFeed(
  entries: FeedEntry[] | undefined,
  props: { maxItems?: number; showLocation?: boolean; title?: string } = {},
) {
  const app = mountApp(() => h(LiveActivityFeed, { config, ...props }))
  await nextTick()
  if (entries) app.clients.last.receive({ recentEvents: entries })
  await nextFrame()
  const texts = (selector: string) => app.wrapper.findAll(selector).map(found => found.text())
  return { ...app, texts }
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

it('LiveActivityFeed: animates a few new rows, but not a burst', async () => {
  const { clients, wrapper } = await mountFeed([entry(1)])
  clients.last.receive({ recentEvents: [entry(2), entry(1)] })
  await nextFrame()
  expect(wrapper.find('.tm-entry').classes()).toContain('tm-slide-enter-active')
  const burst = [9, 8, 7, 6, 5, 4, 3, 2, 1].map(id => entry(id))
  clients.last.receive({ recentEvents: burst })
  await nextFrame()
  expect(
    wrapper
      .findAll('.tm-entry')
      .slice(0, 7)
      .flatMap(row => row.classes()),
  ).not.toContain('tm-slide-enter-active')
})

it.each<[FeedEntry, string, string, string[]]>([
  [entry(1, { title: 'One' }), 'Page view:', '/1', ['One']],
  [entry(1, { type: 'event', name: 'sign_up' }), 'Event:', 'sign_up', ['/1']],
  [entry(1, { type: 'outbound', name: 'outbound' }), 'Outbound link:', 'Outbound link', ['/1']],
  [entry(1, { type: 'download', name: 'download' }), 'Download:', 'Download', ['/1']],
  [entry(1, { type: 'goal', goal: 'Bought', name: 'order' }), 'Goal:', 'Bought', ['/1']],
  [entry(1, { type: 'goal', goal: 'Paid' }), 'Goal:', 'Paid', ['/1']],
  [entry(1, { type: 'goal', goal: 'Got it', name: 'download' }), 'Goal:', 'Got it', ['/1']],
])('LiveActivityFeed: describes %o in words', async (given, typeLabel, primary, secondary) => {
  const { texts } = await mountFeed([given])
  expect(texts('.tm-entry > .tm-hidden')).toEqual([typeLabel])
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
  const { texts, wrapper } = await mountFeed([given])
  expect(texts('.tm-entry__primary')).toEqual([primary])
  expect(texts('.tm-entry__secondary')).toEqual(secondary)
  expect(wrapper.find('.tm-entry__primary').attributes('title')).toBe(primary)
})

it('LiveActivityFeed: labels an unknown type as an event', async () => {
  const unknownType: unknown = 'constructor'
  const { texts } = await mountFeed([{ ...entry(1), type: unknownType as FeedEntry['type'] }])
  expect(texts('.tm-entry > .tm-hidden')).toEqual(['Event:'])
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

it('LiveActivityFeed: renders an entry with an invalid timestamp', async () => {
  const { wrapper } = await mountFeed([entry(1, { timestamp: 1e300 })])
  expect(wrapper.find('time').attributes()).not.toHaveProperty('datetime')
})

it('LiveActivityFeed: shows a skeleton before the first entries, and a text for an empty feed', async () => {
  const { clients, wrapper } = await mountFeed(undefined)
  expect(wrapper.find('.tm-feed').attributes('aria-busy')).toBe('true')
  expect(wrapper.findAll('.tm-entry__skeleton').length).toBe(5)
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
  expect(wrapper.find('.tm-entry__primary').attributes('title')).toBe(text)
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
