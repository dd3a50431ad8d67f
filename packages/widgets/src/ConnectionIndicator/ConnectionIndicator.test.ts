// @vitest-environment happy-dom
import type { LiveStatus } from '@tidemark/sdk/live'
import { expect, it, vi } from 'vitest'
import { h, nextTick } from 'vue'
import { mountApp, nextFrame, useFakePage } from '../testing/mount-app.ts'
import ConnectionIndicator from './ConnectionIndicator.vue'
import { type ConnectionState, connectionStates } from '../status/connection-state.ts'
import StateIcon from '../status/StateIcon.vue'

const config = { baseUrl: '/api', siteId: 'shop' }
const now = Date.UTC(2026, 10, 22, 12)

useFakePage(now)

async function mountIndicator() {
  const app = mountApp(() => h(ConnectionIndicator, { config }))
  await nextTick()
  return { ...app, indicator: app.wrapper.find('.tm-indicator') }
}

const synced = { syncedAt: now - 90_000 }
const error = { code: 'network', message: 'x' } as const

it.each<[ConnectionState, Partial<LiveStatus>, string]>([
  ['connecting', {}, 'Connecting'],
  ['connecting', { phase: 'polling' }, 'Connecting'],
  ['live', { phase: 'live', syncedAt: now }, 'Live'],
  ['polling', { phase: 'polling', syncedAt: now }, 'Polling'],
  ['upgrading', { phase: 'upgrading', syncedAt: now }, 'Upgrading'],
  ['stale', { phase: 'live', stale: true, ...synced }, 'Stale, as of 1m ago'],
  ['retrying', { phase: 'polling', error }, 'Retrying'],
  ['retrying', { phase: 'upgrading', error, ...synced }, 'Retrying, as of 1m ago'],
  ['live', { phase: 'live', error, syncedAt: now }, 'Live'],
  ['offline', { phase: 'polling', offline: true, stale: true, ...synced }, 'Offline, as of 1m ago'],
  ['refused', { unauthorized: true, offline: true, ...synced }, 'No access, as of 1m ago'],
])('ConnectionIndicator: shows %s for the status %o', async (state, status, text) => {
  const { clients, indicator } = await mountIndicator()
  clients.last.setStatus(status)
  await nextFrame()
  expect(indicator.attributes('data-tm-state')).toBe(state)
  expect(indicator.find('button').text()).toBe(text)
})

it('StateIcon: has a different shape for each state', () => {
  const shapes = connectionStates.map(state => {
    const { wrapper } = mountApp(() => h(StateIcon, { state }))
    return wrapper.find('svg').element.innerHTML
  })
  expect(new Set(shapes).size).toBe(shapes.length)
})

it('ConnectionIndicator: explains the state, the last error and the age on click', async () => {
  const { clients, indicator } = await mountIndicator()
  clients.last.setStatus({ phase: 'polling', stale: true, error, ...synced })
  await nextFrame()
  expect(indicator.find('.tm-tip__text').isVisible()).toBe(false)
  await indicator.find('button').trigger('click')
  expect(indicator.find('.tm-tip__text').text()).toBe(
    'No update for a while. The numbers may be out of date. ' +
      'The server does not answer. Trying again. Last update: 1m ago.',
  )
})

it('ConnectionIndicator: shows the age of a live connection only above 30 seconds', async () => {
  const { clients, indicator } = await mountIndicator()
  clients.last.setStatus({ phase: 'live', syncedAt: now })
  await vi.advanceTimersByTimeAsync(20_000)
  expect(indicator.find('button').text()).toBe('Live')
  await vi.advanceTimersByTimeAsync(20_000)
  expect(indicator.find('button').text()).toBe('Live, as of 40s ago')
})

it('ConnectionIndicator: announces the state to screen readers, without the age', async () => {
  const { clients, wrapper } = await mountIndicator()
  clients.last.setStatus({ phase: 'live', stale: true, ...synced })
  await nextFrame()
  expect(wrapper.find('.tm-hidden[role="status"]').text()).toBe('Stale')
})

it('ConnectionIndicator: renders the default slot in place of its text', async () => {
  const app = mountApp(() =>
    h(
      ConnectionIndicator,
      { config },
      { default: ({ state, age }: { state: string; age: string }) => `${state}/${age}` },
    ),
  )
  await nextTick()
  app.clients.last.setStatus({ phase: 'polling', ...synced })
  await nextFrame()
  expect(app.wrapper.find('.tm-indicator button').text()).toBe('polling/1m ago')
})
