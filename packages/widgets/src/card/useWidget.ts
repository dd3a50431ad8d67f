import { type ComputedRef, computed, watch } from 'vue'
import { type RootAttributes, useRootAttributes } from '../settings/useRootAttributes.ts'
import { useSettings } from '../settings/useSettings.ts'
import type { DataSource } from '../status/data-source.ts'
import type { CardSlots } from './card-slots.ts'

/** Content of a card: its data, a text for empty data, a skeleton, or a notice why there is no data. */
export type WidgetContent = 'data' | 'empty' | 'loading' | 'error'

/** Parts of a widget that its card draws. */
export interface Widget {
  readonly source: DataSource
  readonly content: ComputedRef<WidgetContent>
  readonly attributes: ComputedRef<RootAttributes>
  readonly slots: CardSlots
}

export interface WidgetOptions {
  source: DataSource
  /** Returns `undefined` before the first data. */
  data(): 'data' | 'empty' | undefined
  /** Slots of the widget's host. */
  slots: CardSlots
  /** Called with each new error of the source. */
  onError(error: NonNullable<DataSource['error']['value']>): void
}

/** Returns the state of a widget's card. A widget with data keeps showing it, also without a connection. */
export function useWidget({ source, data, slots, onError }: WidgetOptions): Widget {
  watch(source.error, error => error && onError(error))
  return {
    source,
    slots,
    attributes: useRootAttributes(useSettings()),
    content: computed(() => data() ?? (source.isLoading.value ? 'loading' : 'error')),
  }
}
