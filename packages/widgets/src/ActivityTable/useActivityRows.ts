import type { FeedEntry } from '@tidemark/protocol'
import { type ComputedRef, type Ref, computed } from 'vue'
import { toRowLimit } from '../card/row-limit.ts'
import type { RealtimeConfig } from '../config.ts'
import type { HostStatus } from '../status/connection-state.ts'
import { type DataSource, hostSource, liveSource, selectSource } from '../status/data-source.ts'
import { useRealtime } from '../useRealtime/useRealtime.ts'
import { type TableRow, accumulateRows, createRowReader } from './table-rows.ts'

export interface ActivityRowsOptions<Row extends object> {
  config: Readonly<Ref<RealtimeConfig | undefined>>
  /** Whether the host passes the rows. */
  isHost(): boolean
  items(): readonly (Row | null | undefined)[] | null | undefined
  status(): HostStatus | undefined
  maxRows(): number
}

export interface ActivityRows<Row extends object> {
  /** `undefined` before the first data. */
  readonly rows: ComputedRef<readonly TableRow<Row>[] | undefined>
  /** Identifies the source of the rows: the host, or a site. */
  readonly site: ComputedRef<string>
  readonly source: DataSource
}

/** The most rows that a table retains. */
const maxRetainedRows = 100_000

interface Retained {
  readonly site: string
  readonly rows: readonly TableRow<FeedEntry>[] | undefined
}

/** Without `items`, `Row` is its default, which is the entry of the feed. */
function isRowList<Row extends object>(
  rows: readonly TableRow[] | undefined,
): rows is readonly TableRow<Row>[] {
  return rows !== undefined
}

/** Returns the rows of a table: items of the host, or entries of the live feed since the table was opened. */
export function useActivityRows<Row extends object>(
  options: ActivityRowsOptions<Row>,
): ActivityRows<Row> {
  const { config } = options
  const isHost = computed(() => options.isHost())
  const live = useRealtime(
    () => (isHost.value ? undefined : config.value),
    () => (isHost.value ? [] : ['recentEvents']),
  )
  const readItems = createRowReader<Row>()

  const hostRows = computed(() => {
    const items = options.items()
    return Array.isArray(items) ? readItems(items) : undefined
  })
  const site = computed(() => {
    const { baseUrl, siteId } = config.value ?? {}
    return isHost.value ? '' : JSON.stringify([baseUrl, siteId])
  })
  const retained = computed<Retained>(previous => {
    const before = previous?.site === site.value ? previous.rows : undefined
    const values = live.state.recentEvents
    if (!values) return { site: site.value, rows: before }
    const maxRows = toRowLimit(options.maxRows(), maxRetainedRows)
    return { site: site.value, rows: accumulateRows(before ?? [], values, maxRows) }
  })
  const rows = computed(() => {
    if (isHost.value) return hostRows.value
    const entries = retained.value.rows
    return isRowList<Row>(entries) ? entries : undefined
  })

  const liveData = liveSource(live)
  const hostData = hostSource(
    () => options.status(),
    () => rows.value !== undefined,
  )
  return { rows, site, source: selectSource(() => (isHost.value ? hostData : liveData)) }
}
