// @vitest-environment happy-dom
import type { LiveStatus } from '@tidemark/sdk/live'
import { expect, it, vi } from 'vitest'
import { h, nextTick } from 'vue'
import { mountApp, nextFrame, useFakePage } from '../testing/mount-app.ts'
import ConnectionIndicator from './ConnectionIndicator.vue'
import {
  type ConnectionState,
  type HostStatus,
  connectionStates,
} from '../status/connection-state.ts'
import StateIcon from '../status/StateIcon.vue'
import { idleView } from '../store/idle-view.ts'

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
  ['retrying', { phase: 'polling', error, retryAt: now + 5000 }, 'Retrying in 5 sec'],
  ['retrying', { phase: 'polling', error, retryAt: now - 1 }, 'Retrying'],
  ['polling', { phase: 'polling', syncedAt: now, retryAt: now + 5000 }, 'Polling'],
  ['live', { phase: 'live', error, syncedAt: now }, 'Live'],
  [
    'offline',
    { phase: 'polling', offline: true, retryAt: now + 9000, ...synced },
    'Offline, as of 1m ago',
  ],
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
      'The server does not answer. Trying again. Last update: 1m ago',
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

it.each<[HostStatus | undefined, ConnectionState, string]>([
  ['connected', 'live', 'Live'],
  ['disconnected', 'disconnected', 'Disconnected'],
  ['error', 'error', 'Error'],
  ['paused', 'paused', 'Paused'],
  ['stale', 'stale', 'Stale'],
  [undefined, 'connecting', 'Connecting'],
  [{ ...idleView.status, phase: 'live', stale: true, ...synced }, 'stale', 'Stale, as of 1m ago'],
])('ConnectionIndicator: shows the status %s of the host as %s', async (status, state, text) => {
  const { clients, wrapper } = mountApp(() => h(ConnectionIndicator, { config, status }))
  await nextTick()
  expect(clients.created).toHaveLength(0)
  const indicator = wrapper.find('.tm-indicator')
  expect(indicator.attributes('data-tm-state')).toBe(state)
  expect(indicator.find('button').text()).toBe(text)
  expect(indicator.findAll('button')).toHaveLength(1)
})

it('ConnectionIndicator: counts down to the next try without speaking it', async () => {
  const { clients, indicator } = await mountIndicator()
  clients.last.setStatus({ phase: 'polling', error, retryAt: now + 150_000 })
  await nextFrame()
  expect(indicator.find('button').text()).toBe('Retrying in 3 min')
  await vi.advanceTimersByTimeAsync(61_000)
  expect(indicator.find('button').text()).toBe('Retrying in 89 sec')
  await vi.advanceTimersByTimeAsync(1000)
  expect(indicator.find('button').text()).toBe('Retrying in 88 sec')
  expect(indicator.find('[role="status"].tm-hidden').text()).toBe('Retrying')
  await vi.advanceTimersByTimeAsync(90_000)
  expect(indicator.find('button').text()).toBe('Retrying')
})

it('ConnectionIndicator: tries again on "Retry now", and keeps the focus', async () => {
  const { clients, indicator } = await mountIndicator()
  expect(indicator.find('.tm-indicator__retry').exists()).toBe(false)
  clients.last.setStatus({ phase: 'polling', error, retryAt: now + 60_000 })
  await nextFrame()
  const retry = indicator.find<HTMLButtonElement>('.tm-indicator__retry')
  expect(retry.text()).toBe('Retry now')
  retry.element.focus()
  await retry.trigger('click')
  await nextTick()
  expect(clients.last.refreshCount).toBe(1)
  clients.last.setStatus({ phase: 'live', error: undefined, retryAt: undefined, syncedAt: now })
  await nextFrame()
  expect(indicator.find('.tm-indicator__retry').exists()).toBe(false)
  expect(document.activeElement).toBe(indicator.find('button').element)
})

it('ConnectionIndicator: asks the host to try again, with a listener', async () => {
  const onRetry = vi.fn<() => void>()
  const props = { status: 'disconnected', retryAt: now + 5000, onRetry } as const
  const { wrapper } = mountApp(() => h(ConnectionIndicator, props))
  await nextTick()
  expect(wrapper.find('.tm-tip__button').text()).toBe('Retrying in 5 sec')
  await wrapper.find('.tm-indicator__retry').trigger('click')
  expect(onRetry).toHaveBeenCalledTimes(1)
})

it('ConnectionIndicator: emits the state and errors', async () => {
  const onUpdate = vi.fn<(state: ConnectionState) => void>()
  const onError = vi.fn<(failure: object) => void>()
  const { clients } = mountApp(() => h(ConnectionIndicator, { config, onUpdate, onError }))
  await nextTick()
  clients.last.setStatus({ phase: 'polling', error })
  await nextFrame()
  clients.last.setStatus({ phase: 'live', error: undefined, syncedAt: now })
  await nextFrame()
  expect(onUpdate.mock.calls).toEqual([['retrying'], ['live']])
  expect(onError.mock.calls).toEqual([[error]])
})

it('ConnectionIndicator: renders the slots `icon` and `actions`', async () => {
  const { clients, wrapper } = mountApp(() =>
    h(
      ConnectionIndicator,
      { config },
      {
        icon: ({ state }: { state: string }) => h('i', state),
        actions: ({ retry }: { retry: () => Promise<void> }) => h('a', { onClick: retry }, 'again'),
      },
    ),
  )
  await nextTick()
  expect(wrapper.find('.tm-indicator i').text()).toBe('connecting')
  await wrapper.find('.tm-indicator a').trigger('click')
  await nextTick()
  expect(clients.last.refreshCount).toBe(1)
})
