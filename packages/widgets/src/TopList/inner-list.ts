import type { LiveError } from '@tidemark/sdk/live'
import { type FunctionalComponent, type Ref, h } from 'vue'
import type { ListRow } from '../useTopList/list-item.ts'
import type { ChannelSource, HistorySource, TopListSort } from '../useTopList/list-source.ts'
import TopList from './TopList.vue'
import type { ListProps, ListSlots } from './list-props.ts'
import { hasRowClickListener } from './row-click-listener.ts'

/** Events of `TopList`, `GoalList` and `EventList`. */
interface ListEmit {
  (event: 'row-click', row: ListRow, click: MouseEvent): void
  (event: 'update', rows: readonly ListRow[]): void
  (event: 'error', error: Pick<LiveError, 'code' | 'message'>): void
}

export interface InnerListOptions {
  props: ListProps
  /** Returns the props that the outer component sets. */
  source(): (ChannelSource | HistorySource) & { showVisitors?: boolean }
  sort: Ref<TopListSort>
  emit: ListEmit
  slots: Readonly<ListSlots>
}

/**
 * Returns the `TopList` that a list of one kind consists of. Props, slots, events and attributes pass through. Call it in
 * the setup of the outer component.
 */
export function innerList(options: InnerListOptions): FunctionalComponent {
  const { emit, props, slots, sort, source } = options
  const rowClick = hasRowClickListener()
    ? { 'onRow-click': (row: ListRow, event: MouseEvent) => emit('row-click', row, event) }
    : {}
  const List: FunctionalComponent = (_, { attrs }) =>
    h(
      // oxlint-disable-next-line typescript/no-unsafe-argument -- the linter does not know the types of Vue files
      TopList,
      {
        ...attrs,
        ...props,
        ...source(),
        ...rowClick,
        sort: sort.value,
        'onUpdate:sort': (order: TopListSort) => (sort.value = order),
        onUpdate: (rows: readonly ListRow[]) => emit('update', rows),
        onError: (error: Pick<LiveError, 'code' | 'message'>) => emit('error', error),
      },
      { ...slots },
    )
  List.inheritAttrs = false
  return List
}
