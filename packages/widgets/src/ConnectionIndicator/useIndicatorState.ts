import type { LiveError, LiveStatus } from '@tidemark/sdk/live'
import { type ComputedRef, computed } from 'vue'
import {
  type ConnectionState,
  type HostStatus,
  connectionState,
  hostState,
} from '../status/connection-state.ts'
import { useNow } from '../time/useNow.ts'

/** State of a connection and its times. */
export interface IndicatorState {
  readonly state: ComputedRef<ConnectionState>
  /** `undefined` when the host passes a state alone. */
  readonly status: ComputedRef<LiveStatus | undefined>
  readonly error: ComputedRef<LiveError | undefined>
  /** Age of the data, in milliseconds; `undefined` before the first data. */
  readonly ageMs: ComputedRef<number | undefined>
  /** Time until the next attempt, in milliseconds; `undefined` when none is scheduled or needed. */
  readonly waitMs: ComputedRef<number | undefined>
}

/** States in which a new attempt helps. A lost WebSocket is also retried while polling works. */
const failures: readonly ConnectionState[] = ['retrying', 'stale', 'disconnected', 'error']

export function canRetry(state: ConnectionState): boolean {
  return failures.includes(state)
}

/**
 * Returns the state that an indicator shows.
 * @param status status of the live connection, or of the host
 * @param retryAt time of the host's next attempt, in milliseconds since 1970
 */
export function useIndicatorState(
  status: () => HostStatus | undefined,
  retryAt: () => number | undefined,
): IndicatorState {
  const now = useNow()
  const live = computed(() => {
    const value = status()
    return typeof value === 'object' ? value : undefined
  })
  const state = computed(() => {
    const value = status()
    if (value === undefined) return 'connecting'
    return typeof value === 'object' ? connectionState(value) : hostState(value)
  })
  return {
    state,
    status: live,
    error: computed(() => live.value?.error),
    ageMs: computed(() => {
      const syncedAt = live.value?.syncedAt
      return syncedAt === undefined ? undefined : Math.max(0, now.value - syncedAt)
    }),
    waitMs: computed(() => {
      const time = retryAt() ?? live.value?.retryAt
      if (time === undefined || !canRetry(state.value)) return undefined
      return time > now.value ? time - now.value : undefined
    }),
  }
}
