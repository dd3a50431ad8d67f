import type { LiveView } from '@tidemark/sdk/live'

/** View before a connection exists. */
export const idleView: LiveView = {
  state: {},
  status: {
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
  },
}
