import type { ChannelName } from '@tidemark/protocol'
import { type ComputedRef, computed } from 'vue'
import type { UseRealtimeReturn } from '../useRealtime/useRealtime.ts'

/** Content of a widget: its data, a skeleton, or a notice that explains why there is no data. */
export type WidgetContent = 'data' | 'loading' | 'notice'

/** Returns the content to show. A widget with data keeps showing it, also without a connection. */
export function useWidgetContent<Name extends ChannelName>(
  live: UseRealtimeReturn<Name>,
  hasData: () => boolean,
): ComputedRef<WidgetContent> {
  return computed(() => {
    if (hasData()) return 'data'
    return live.isLoading.value && !live.status.value.offline ? 'loading' : 'notice'
  })
}
