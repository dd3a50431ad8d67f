// @vitest-environment happy-dom
import { expect, it, vi } from 'vitest'
import { h, nextTick, shallowRef } from 'vue'
import { ConnectionIndicator, LiveActivityFeed, RealtimeCounter, TopList } from './index.ts'
import { useTidemarkStore } from './store/useTidemarkStore.ts'
import { mountApp, nextFrame, unusedConnectionsClosed, useFakePage } from './testing/mount-app.ts'

const config = { baseUrl: '/api', siteId: 'shop' }

useFakePage()

/** Counts the listeners of window and document. */
function countListeners() {
  let count = 0
  for (const target of [window, document]) {
    const { addEventListener, removeEventListener } = target
    vi.spyOn(target, 'addEventListener').mockImplementation((...args) => {
      count++
      addEventListener.apply(target, args)
    })
    vi.spyOn(target, 'removeEventListener').mockImplementation((...args) => {
      count--
      removeEventListener.apply(target, args)
    })
  }
  return () => count
}

it('widgets: release connections, listeners and timers after many mounts', async () => {
  const listenerCount = countListeners()
  const isShown = shallowRef(false)
  const { clients, pinia } = mountApp(() =>
    isShown.value
      ? [
          h(RealtimeCounter, { config }),
          h(LiveActivityFeed, { config }),
          h(TopList, { config, channel: 'activePages' }),
          h(ConnectionIndicator, { config }),
        ]
      : undefined,
  )
  for (let mounts = 0; mounts < 20; mounts++) {
    isShown.value = true
    await nextTick()
    clients.last.receive({ currentVisitors: mounts, recentEvents: [], activePages: [] })
    await nextFrame()
    isShown.value = false
    await nextTick()
  }
  await unusedConnectionsClosed()
  expect(clients.created.length).toBe(1)
  expect(clients.last.subscriptions).toEqual([])
  expect(useTidemarkStore(pinia).registry.byKey.size).toBe(1)
  expect(listenerCount()).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})
