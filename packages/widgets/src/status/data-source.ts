import type { LiveError, LiveStatus } from '@tidemark/sdk/live'
import { type Ref, computed } from 'vue'
import {
  type ConnectionState,
  type HostStatus,
  connectionState,
  hostState,
} from './connection-state.ts'

/** Origin of a widget's data: a live connection, the history, or the host. */
export interface DataSource {
  /** `undefined` while there is nothing to report, as for data of a host that passes no status. */
  readonly state: Readonly<Ref<ConnectionState | undefined>>
  /** Time of the last confirmed data, in milliseconds since 1970. */
  readonly syncedAt: Readonly<Ref<number | undefined>>
  /** Error of the last request, until one succeeds again. The data stays. */
  readonly error: Readonly<Ref<Pick<LiveError, 'code' | 'message'> | undefined>>
  /** True until the first data or the first error. */
  readonly isLoading: Readonly<Ref<boolean>>
  /** Whether the data changes by itself, so that "Live" is worth showing. */
  readonly isLive: boolean
  /** Requests the data now. */
  refresh(): Promise<void>
}

/** Parts of `useRealtime` that a source needs. */
export interface LiveData {
  readonly status: Readonly<Ref<LiveStatus>>
  readonly isLoading: Readonly<Ref<boolean>>
  refresh(): Promise<void>
}

/** Creates the source of a live connection. */
export function liveSource({ status, isLoading, refresh }: LiveData): DataSource {
  return {
    state: computed(() => connectionState(status.value)),
    syncedAt: computed(() => status.value.syncedAt),
    error: computed(() => status.value.error),
    isLoading: computed(() => isLoading.value && !status.value.offline),
    isLive: true,
    refresh,
  }
}

/** Creates the source of data that the host passes in. It is loading while the data is `undefined`. */
export function hostSource(
  status: () => HostStatus | undefined,
  hasData: () => boolean,
): DataSource {
  const live = computed(() => {
    const value = status()
    return typeof value === 'object' ? value : undefined
  })
  return {
    state: computed(() => {
      const value = status()
      return value && hostState(value)
    }),
    syncedAt: computed(() => live.value?.syncedAt),
    error: computed(() => live.value?.error),
    isLoading: computed(() => !hasData() && !isFailed(status())),
    isLive: true,
    refresh: () => Promise.resolve(),
  }
}

const failures: readonly ConnectionState[] = ['refused', 'offline', 'disconnected', 'error']

function isFailed(status: HostStatus | undefined): boolean {
  return status !== undefined && failures.includes(hostState(status))
}

/** Parts of `useHistory` that a source needs. */
export interface HistoryData {
  readonly isLoading: Readonly<Ref<boolean>>
  readonly error: Readonly<Ref<Pick<LiveError, 'code' | 'message'> | undefined>>
  /** Time of the last response, in milliseconds since 1970. */
  readonly fetchedAt: Readonly<Ref<number | undefined>>
  refresh(): Promise<void>
}

/** Creates the source of a history query. */
export function historySource(history: HistoryData): DataSource {
  const { error, fetchedAt, isLoading, refresh } = history
  return {
    state: computed(() => {
      if (error.value) return 'retrying'
      return fetchedAt.value === undefined ? 'connecting' : undefined
    }),
    syncedAt: fetchedAt,
    error,
    isLoading,
    isLive: false,
    refresh,
  }
}

/** Source that follows one of several sources, for a widget whose props choose between them. */
export function selectSource(selected: () => DataSource): DataSource {
  return {
    state: computed(() => selected().state.value),
    syncedAt: computed(() => selected().syncedAt.value),
    error: computed(() => selected().error.value),
    isLoading: computed(() => selected().isLoading.value),
    get isLive() {
      return selected().isLive
    },
    refresh: () => selected().refresh(),
  }
}
