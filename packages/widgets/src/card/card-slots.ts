import type { ConnectionState } from '../status/connection-state.ts'
import type { DataSource } from '../status/data-source.ts'

/** Slots of every card. */
export interface CardSlots {
  /** Replaces the heading. */
  header?(props: { title: string }): unknown
  /** Adds buttons or links at the end of the title row. */
  actions?(): unknown
  /** Replaces the skeleton while the first data loads. */
  loading?(): unknown
  /** Replaces the text for empty data. */
  empty?(): unknown
  /** Replaces the notice that there is no data. `refresh` tries again. */
  error?(props: {
    error: DataSource['error']['value']
    state: ConnectionState | undefined
    refresh: () => Promise<void>
  }): unknown
  /** Replaces the state of the connection while the shown data is out of date. */
  stale?(props: { state: ConnectionState; syncedAt: number | undefined }): unknown
}
