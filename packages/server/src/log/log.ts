import type { Store } from './store.ts'

/**
 * One accepted request: its body and the decision about it. A replay of the log repeats no decision. The same log
 * gives the same state, independent of the current clock, user-agent parser and limits.
 */
export interface LogRecord {
  site: string
  /** Arrival time by the server's clock, in milliseconds since 1970. */
  receivedAt: number
  /** The request's body, without possible secrets in URLs; see `redact`. */
  body: string
  /** The `Decision` of ingest, as JSON. */
  decision: string
}

export interface StoredRecord extends LogRecord {
  /** Position in the log. Offsets increase with every record and are never reused. */
  offset: number
}

export interface Damage {
  /** Damaged writes. Their content is lost. Greater than 0 only after a power loss, or on a failing disk. */
  lostWrites: number
  /**
   * Whether the log ends in an incomplete write, which is ignored. A process that is killed while it writes leaves one;
   * that write was never acknowledged. After a power loss, acknowledged writes may be lost with it.
   */
  isTorn: boolean
}

export interface PendingRecords {
  readonly bytes: number
  /** Bytes beyond which `append` refuses more. */
  readonly maxBytes: number
}

/** Makes accepted events durable before they are acknowledged. */
export interface Log {
  /** Number of this server start, greater than the epoch of every earlier start. */
  readonly epoch: number
  /** Damage that was found while the log was opened and read. */
  readonly damage: Readonly<Damage>
  /** Small values that survive a restart, such as the day's visitor salt. */
  readonly settings: Settings
  /** The states that were built from the records. */
  readonly store: Store
  /**
   * Resolves with the record's offset once the record is durable. Records become durable, and their promises resolve,
   * in call order.
   * @throws {LogUnavailableError} when the record cannot be made durable; nothing of it is stored then
   */
  append(record: LogRecord): Promise<number>
  /** Returns all records from an offset on, in order. Damaged blocks are left out and counted in `damage`. */
  read(from: number): AsyncIterable<StoredRecord>
  /**
   * Deletes the records before an offset. Records in the same block as a later record are kept. Later offsets continue
   * as before.
   * @throws {LogUnavailableError} when the deletion cannot be written; all records are kept then
   */
  trim(before: number): Promise<void>
  /**
   * Returns the paths of data files that were deleted or replaced since the log was opened. `append` rejects until a
   * check finds them again.
   */
  checkFiles(): readonly string[]
  /** Whether the last write to the disk failed. */
  readonly isFailing: boolean
  /** Tries to write. `isFailing` tells the result. Never rejects. */
  probe(): Promise<void>
  /** Records that wait for the disk. */
  readonly pending: PendingRecords
  close(): Promise<void>
}

export interface Settings {
  get(name: string): string | undefined
  /** @throws {LogUnavailableError} when the value cannot be made durable; the setting keeps its value then */
  set(name: string, value: string): void
}

/** The log cannot be opened, read or written. */
export class LogUnavailableError extends Error {
  override name = 'LogUnavailableError'
}

/**
 * Returns the epoch of a start: greater than the stored epoch, and at least the current time. So readers recognize a
 * server as newer even after its store was deleted, and do not wait forever.
 */
export function nextEpoch(stored: number, now: number): number {
  return Math.max(stored + 1, Math.floor(now))
}
