// @vitest-environment happy-dom
import type { FeedEntry, FeedEntryType } from '@tidemark/protocol'
import { expect, it } from 'vitest'
import { type MaybeRefOrGetter, defineComponent, h, shallowRef } from 'vue'
import { mountApp, nextFrame, useFakePage } from '../testing/mount-app.ts'
import { type UseFeedOptions, type UseFeedReturn, useFeed } from './useFeed.ts'

const config = { baseUrl: '/api', siteId: 'shop' }

useFakePage(Date.UTC(2026, 10, 22))

function entry(id: number, type: FeedEntryType = 'pageview'): FeedEntry {
  return { id: `${id}-0`, type, name: 'page_view', path: `/${id}`, timestamp: id }
}

/** Page views from `last` down. */
const views = (last: number, count = last) =>
  Array.from({ length: count }, (_, index) => entry(last - index))

/** Calls `useFeed` in a component that reads it. */
function mountHeadless(options: MaybeRefOrGetter<UseFeedOptions>) {
  let feed: UseFeedReturn | undefined
  const Reader = defineComponent(() => {
    const own = (feed = useFeed(options))
    return () => `${own.entries.value?.length} ${own.newCount.value}`
  })
  const app = mountApp(() => h(Reader))
  if (!feed) throw new Error('Nothing is mounted.')
  const { entries } = feed
  const receive = async (recentEvents: FeedEntry[]) => {
    app.clients.last.receive({ recentEvents })
    await nextFrame()
  }
  return { app, feed, receive, ids: () => entries.value?.map(({ id }) => Number.parseInt(id, 10)) }
}

it('useFeed: is loading until the first entries, then sorts them by time', async () => {
  const { feed, ids, receive } = mountHeadless({ config })
  await nextFrame()
  expect(feed.isLoading.value).toBe(true)
  expect(feed.entries.value).toBeUndefined()
  await receive([entry(1), entry(3), entry(2)])
  expect(feed.isLoading.value).toBe(false)
  expect(feed.state.value).toBe('live')
  expect(ids()).toEqual([3, 2, 1])
})

it('useFeed: holds new entries back while paused, until `showNew`', async () => {
  const options = shallowRef<UseFeedOptions>({ config, paused: true })
  const { feed, ids, receive } = mountHeadless(options)
  await nextFrame()
  await receive(views(1))
  expect(ids()).toEqual([1])
  await receive(views(3))
  expect([ids(), feed.newCount.value]).toEqual([[1], 2])
  feed.showNew()
  expect([ids(), feed.newCount.value]).toEqual([[3, 2, 1], 0])
  await receive(views(4))
  expect([ids(), feed.newCount.value]).toEqual([[3, 2, 1], 1])
  options.value = { config }
  expect([ids(), feed.newCount.value]).toEqual([[4, 3, 2, 1], 0])
})

it('useFeed: counts only matching new entries, also those that left the channel', async () => {
  const { feed, receive } = mountHeadless({ config, paused: true, types: ['goal'] })
  await nextFrame()
  await receive([entry(1, 'goal')])
  await receive([...views(50, 49), entry(1, 'goal')])
  expect(feed.newCount.value).toBe(0)
  await receive([entry(51, 'goal'), ...views(50, 49)])
  expect(feed.newCount.value).toBe(1)
  await receive(views(200, 50))
  expect(feed.newCount.value).toBe(1)
})

it('useFeed: retains matching entries that other activity has pushed out', async () => {
  const { ids, receive } = mountHeadless({ config, types: ['goal'] })
  await nextFrame()
  await receive([...views(51, 49), entry(2, 'goal')])
  await receive(views(200, 50))
  expect(ids()).toEqual([2])
})

it('useFeed: drops entries that a shorter channel no longer has', async () => {
  const { ids, receive } = mountHeadless({ config })
  await nextFrame()
  await receive(views(50))
  await receive([entry(60)])
  expect(ids()).toEqual([60])
})

it('useFeed: never mixes the entries of two sites', async () => {
  const options = shallowRef<UseFeedOptions>({ config })
  const { app, ids, receive } = mountHeadless(options)
  await nextFrame()
  await receive(views(50))
  options.value = { config: { ...config, siteId: 'blog' } }
  await nextFrame()
  expect(ids()).toBeUndefined()
  app.clients.last.receive({ recentEvents: views(150, 50) })
  await nextFrame()
  expect(Math.min(...(ids() ?? []))).toBeGreaterThan(100)
})

it('useFeed: reads `items` of the host, and waits while they are undefined', async () => {
  const options = shallowRef<UseFeedOptions>({ config, items: undefined })
  const { app, feed, ids } = mountHeadless(options)
  await nextFrame()
  expect(feed.isLoading.value).toBe(true)
  options.value = { config, items: views(3), status: 'connected', filter: ({ id }) => id !== '2-0' }
  expect(ids()).toEqual([3, 1])
  expect(feed.state.value).toBe('live')
  expect(app.clients.created.length).toBe(0)
})

it('useFeed: keeps entries and list identical when nothing has changed', async () => {
  const { feed, receive } = mountHeadless({ config })
  await nextFrame()
  await receive(views(2))
  const before = feed.entries.value
  await receive(views(2))
  expect(feed.entries.value).toBe(before)
})

it('useFeed: requests the data again with `refresh`', async () => {
  const { app, feed } = mountHeadless({ config })
  await nextFrame()
  await feed.refresh()
  expect(app.clients.last.refreshCount).toBe(1)
})
