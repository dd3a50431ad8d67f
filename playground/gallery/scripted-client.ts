import type { State } from '@tidemark/protocol'
import type { LiveClient, LiveOptions, LiveStatus, LiveView } from '@tidemark/sdk/live'
import { liveStateAt } from '../demo-data/live-state.ts'
import { type GalleryState, hasData, toState } from './states.ts'

const idle: LiveStatus = {
  phase: 'idle',
  transport: 'none',
  cursor: undefined,
  syncedAt: undefined,
  stale: false,
  offline: false,
  paused: false,
  unauthorized: false,
  error: undefined,
  retryAt: undefined,
}

/** Creates a live client that is in the state that its site is named after, and stays in it. */
export function createScriptedClient({ siteId }: LiveOptions): LiveClient {
  const state = toState(siteId)
  const readers = new Map<symbol, (view: LiveView) => void>()
  const paths = new Map<symbol, readonly string[]>()
  let view: LiveView = { state: {}, status: idle }

  function update(): void {
    const now = Date.now()
    const pages = [...paths.values()].flat()
    view = { state: stateOf(state, now, pages), status: { ...idle, ...statusOf(state, now) } }
    for (const notify of readers.values()) notify(view)
  }

  return {
    get view() {
      return view
    },
    subscribe(_channels, listener, options = {}) {
      const reader = Symbol('reader')
      readers.set(reader, listener)
      if (options.paths) paths.set(reader, options.paths)
      queueMicrotask(update)
      return () => {
        readers.delete(reader)
        paths.delete(reader)
      }
    },
    async refresh() {
      update()
    },
  }
}

function stateOf(state: GalleryState, now: number, paths: readonly string[]): State {
  if (state === 'empty') return emptyStateAt(now, paths)
  if (!hasData(state)) return {}
  return {
    ...liveStateAt(now),
    pageVisitors: paths.map((path, index) => ({ path, visitors: 17 + 3 * index })),
  }
}

function emptyStateAt(now: number, paths: readonly string[]): State {
  const { secondSeries, minuteSeries } = liveStateAt(now)
  const zeros = { pageViews: 0, events: 0, visitors: 0 }
  return {
    currentVisitors: 0,
    activePages: [],
    pageVisitors: paths.map(path => ({ path, visitors: 0 })),
    pageViews: 0,
    recentEvents: [],
    referrers: [],
    countries: [],
    devices: [],
    events: [],
    goals: [],
    secondSeries: secondSeries.map(({ at }) => ({ at, ...zeros })),
    minuteSeries: minuteSeries.map(({ at }) => ({ at, ...zeros })),
    values: [],
  }
}

function statusOf(state: GalleryState, now: number): Partial<LiveStatus> {
  const live = { phase: 'live', transport: 'websocket', cursor: '7.3', syncedAt: now } as const
  const failed = { phase: 'polling', transport: 'none' } as const
  const network = { code: 'network', message: 'The server does not answer.' } as const
  const old = { ...live, syncedAt: now - 90_000 }
  switch (state) {
    case 'loading':
      return failed
    case 'stale':
      return { ...old, stale: true }
    case 'retrying':
      return { ...old, ...failed, error: network, retryAt: now + 45_000 }
    case 'error':
      return { ...failed, error: network, retryAt: now + 45_000 }
    case 'refused':
      return { unauthorized: true, error: { code: 'token_missing', message: 'No token.' } }
    case 'offline':
      return { ...old, ...failed, offline: true, stale: true }
    case 'data':
    case 'empty':
    case 'paused':
      return live
  }
}
