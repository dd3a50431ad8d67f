import { type FeedEntry, type FeedEntryType, readerLimits } from '@tidemark/protocol'
import { type ComputedRef, type MaybeRefOrGetter, computed, shallowRef, toValue } from 'vue'
import { toRowLimit } from '../card/row-limit.ts'
import type { RealtimeConfig } from '../config.ts'
import { reuseEqual } from '../rows/reuse-equal.ts'
import { useSettings } from '../settings/useSettings.ts'
import type { HostStatus } from '../status/connection-state.ts'
import { type DataSource, hostSource, liveSource, selectSource } from '../status/data-source.ts'
import { useRealtime } from '../useRealtime/useRealtime.ts'
import { compareEntries, toEntries } from './feed-entries.ts'
import { retainEntries } from './retain-entries.ts'

export interface UseFeedOptions {
  /** Site to show. @default the site of `TidemarkPlugin` */
  config?: RealtimeConfig | undefined
  /** Entries of the host, in any order; `undefined` while they load. Omit the field for the live feed. */
  items?: readonly FeedEntry[] | null | undefined
  /** With `items`: state of their source. @default none */
  status?: HostStatus | undefined
  /** Largest number of entries; of the live feed at most 50. @default 20 */
  maxItems?: number | undefined
  /** Types of activity to show. @default all */
  types?: readonly FeedEntryType[] | undefined
  /** Returns whether to show an entry. @default shows all */
  filter?: ((entry: FeedEntry) => boolean) | undefined
  /** Holds new entries back. @default false */
  paused?: boolean | undefined
}

export interface UseFeedReturn extends DataSource {
  /** Entries by event time, newest first; `undefined` before the first data. Unchanged entries keep their identity. */
  readonly entries: ComputedRef<readonly FeedEntry[] | undefined>
  /** Number of entries that are held back, at most 50; 50 means 50 or more. */
  readonly newCount: ComputedRef<number>
  /** Shows the entries that are held back; later ones are held back again while the feed is paused. */
  showNew(): void
}

/** Entries of one source. */
interface FeedState {
  /** Names the source: the host, or a site. */
  readonly key: string
  /** By time, newest first; `undefined` before the first data. */
  readonly entries: readonly FeedEntry[] | undefined
}

interface ShownState extends FeedState {
  /** Number of calls of `showNew` before. */
  readonly releaseCount: number
}

const defaultMaxItems = 20

/**
 * Returns the latest activity of a site, or entries of the host, without a component or a style sheet. Call it in a
 * component's setup or another effect scope. With a filter, the live feed also retains matching entries that other
 * activity has pushed out of the 50 that the server sends. During server-side rendering it does nothing.
 *
 * @param options a getter or a ref for options that change
 * @throws {TypeError} for an invalid field of `config`
 */
export function useFeed(options: MaybeRefOrGetter<UseFeedOptions> = {}): UseFeedReturn {
  const settings = useSettings()
  const given = (): UseFeedOptions => toValue(options)
  const isHost = computed(() => 'items' in given())
  const config = computed(() =>
    isHost.value ? undefined : (given().config ?? settings.config.value),
  )
  const isPaused = computed(() => given().paused === true || settings.paused.value)
  const live = useRealtime(config, () => (isHost.value ? [] : ['recentEvents']))

  const current = computed<FeedState>(previous => {
    const { baseUrl, siteId } = config.value ?? {}
    const key = JSON.stringify([isHost.value, baseUrl, siteId])
    const values = isHost.value ? given().items : live.state.recentEvents
    if (!Array.isArray(values)) return { key, entries: undefined }
    const before = (previous?.key === key ? previous.entries : undefined) ?? []
    const entries = reuseEqual(before, toEntries(values), entry => entry.id)
    return {
      key,
      entries: isHost.value ? entries.toSorted(compareEntries) : retainEntries(before, entries),
    }
  })

  const releaseCount = shallowRef(0)
  const shown = computed<ShownState>(previous => {
    const { key, entries } = current.value
    const isHeld =
      isPaused.value &&
      previous?.entries !== undefined &&
      previous.key === key &&
      previous.releaseCount === releaseCount.value
    return isHeld ? previous : { key, entries, releaseCount: releaseCount.value }
  })

  function matching(entries: readonly FeedEntry[] | undefined): readonly FeedEntry[] | undefined {
    const { filter, types } = given()
    return entries?.filter(
      entry => (types?.includes(entry.type) ?? true) && (filter?.(entry) ?? true),
    )
  }

  const liveData = liveSource(live)
  const hostData = hostSource(
    () => given().status,
    () => current.value.entries !== undefined,
  )
  return Object.assign(
    selectSource(() => (isHost.value ? hostData : liveData)),
    {
      entries: computed<readonly FeedEntry[] | undefined>(previous => {
        const max = isHost.value ? Infinity : readerLimits.maxFeedEntries
        const limit = toRowLimit(given().maxItems ?? defaultMaxItems, max)
        const entries = matching(shown.value.entries)?.slice(0, limit)
        return previous && entries && isSameList(previous, entries) ? previous : entries
      }),
      newCount: computed(() => {
        if (shown.value.entries === current.value.entries) return 0
        const shownIds = new Set(shown.value.entries?.map(entry => entry.id))
        const unseen = matching(current.value.entries)?.filter(({ id }) => !shownIds.has(id)) ?? []
        return Math.min(unseen.length, readerLimits.maxFeedEntries)
      }),
      showNew() {
        releaseCount.value += 1
      },
    },
  )
}

function isSameList(a: readonly FeedEntry[], b: readonly FeedEntry[]): boolean {
  return a.length === b.length && a.every((entry, index) => entry === b[index])
}
