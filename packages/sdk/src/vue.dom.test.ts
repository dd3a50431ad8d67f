// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type App, createApp, h } from 'vue'
import { type Sent, recordRequests } from './script/testing/page.ts'
import type { Tracker } from './tracker/types.ts'
import { tidemarkTracker, useTracker } from './vue.ts'

const options = { siteId: 's', baseUrl: 'https://stats.example/api', heartbeatIntervalMs: 0 }
let sent: Sent
let app: App | undefined

/** Mounts a component whose set-up runs a function. */
function mount(setup: () => void, isTracked = true): void {
  app = createApp({
    setup() {
      setup()
      return () => h('p')
    },
  })
  if (isTracked) app.use(tidemarkTracker, options)
  app.mount(document.createElement('div'))
}

beforeEach(() => {
  sent = recordRequests()
  location.href = 'https://shop.example/'
})

afterEach(() => {
  app?.unmount()
  app = undefined
  vi.unstubAllGlobals()
})

it('Vue: a component gets the tracker of its app, with typed events', async () => {
  let tracker: Tracker<{ signup: { plan: string } }> | undefined
  mount(() => {
    tracker = useTracker<{ signup: { plan: string } }>()
  })
  tracker?.track('signup', { plan: 'pro' })
  // @ts-expect-error -- a property of another type
  const wrong = (): void => tracker?.track('signup', { plan: 5 })
  await tracker?.flush()
  expect(wrong).toBeTypeOf('function')
  expect(sent.events).toMatchObject([
    { name: 'page_view', url: 'https://shop.example/' },
    { name: 'signup', properties: { plan: 'pro' } },
  ])
})

it('Vue: navigation in the app is tracked by itself', async () => {
  let tracker: Tracker | undefined
  mount(() => {
    tracker = useTracker()
  })
  history.pushState(null, '', '/next')
  await tracker?.flush()
  expect(sent.events.map(({ url }) => url)).toEqual([
    'https://shop.example/',
    'https://shop.example/next',
  ])
})

it('Vue: the tracker stops with the app', async () => {
  let tracker: Tracker | undefined
  mount(() => {
    tracker = useTracker()
  })
  app?.unmount()
  app = undefined
  expect(tracker?.state).toBe('stopped')
  await Promise.resolve()
  const { length } = sent.events
  tracker?.track('late')
  await tracker?.flush()
  expect(sent.events).toHaveLength(length)
})

it('Vue: `useTracker` says which plugin is missing', () => {
  let message = ''
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  mount(() => {
    try {
      useTracker()
    } catch (error) {
      message = String(error)
    }
  }, false)
  warn.mockRestore()
  expect(message).toContain('app.use(tidemarkTracker')
})
