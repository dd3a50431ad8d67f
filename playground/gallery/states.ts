import type { HostStatus } from '@tidemark/widgets'

/** States in which the gallery shows each widget. The name of a state is also the id of its site. */
export const states = [
  'data',
  'loading',
  'empty',
  'stale',
  'retrying',
  'error',
  'refused',
  'offline',
  'paused',
] as const

export type GalleryState = (typeof states)[number]

/** Returns the state with this name; other sites have data. */
export function toState(name: string): GalleryState {
  return states.find(state => state === name) ?? 'data'
}

/** Reports whether the widgets of a state have data. */
export function hasData(state: GalleryState): boolean {
  return !['loading', 'empty', 'error', 'refused'].includes(state)
}

/** Data that a page passes to a widget in a state: a list without items when it is empty, nothing while it loads. */
export function hostData<Item>(
  state: GalleryState,
  items: readonly Item[],
): readonly Item[] | undefined {
  if (state === 'empty') return []
  return hasData(state) ? items : undefined
}

/** Number that a page passes to a widget in a state. */
export function hostNumber(state: GalleryState, number: number): number | undefined {
  if (state === 'empty') return 0
  return hasData(state) ? number : undefined
}

/** Status that a page passes to a widget in a state. */
export function hostStatus(state: GalleryState): HostStatus | undefined {
  const statuses: Partial<Record<GalleryState, HostStatus>> = {
    data: 'connected',
    stale: 'stale',
    retrying: 'retrying',
    error: 'error',
    refused: 'refused',
    offline: 'offline',
    paused: 'paused',
  }
  return statuses[state]
}
