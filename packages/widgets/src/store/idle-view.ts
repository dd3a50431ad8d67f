import type { LiveView } from '@tidemark/sdk/live'

/** What a reader sees before there is a connection. */
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
  },
}
