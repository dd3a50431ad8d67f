import type { ChannelName } from '@tidemark/protocol'
import { type ComputedRef, computed } from 'vue'
import type { UseRealtimeReturn } from '../useRealtime/useRealtime.ts'

/** What a widget shows: its data once there is any, whatever happens later; before that, why not. */
export type Display = 'data' | 'loading' | 'trouble'

export function useDisplay<Name extends ChannelName>(
  live: UseRealtimeReturn<Name>,
  hasData: () => boolean,
): ComputedRef<Display> {
  return computed(() => {
    if (hasData()) return 'data'
    return live.isLoading.value && !live.status.value.offline ? 'loading' : 'trouble'
  })
}
