import type { Store } from './store.ts'

/**
 * One accepted request: what came, and what was decided about it. A replay of the log re-decides
 * nothing, so the same log gives the same state whatever the clock, the agent parser or the limits are by then.
 */
export interface LogRecord {
  site: string
  /** When it arrived, in milliseconds since 1970 by the server's clock. */
  receivedAt: number
  /** The body as it came, without what may be secret in its addresses; see `redact`. */
  body: string
  /** JSON of the `Decision` that ingest made. */
  decision: string
}

export interface StoredRecord extends LogRecord {
  /** Place in the log. Grows with every record and is never used twice. */
  offset: number
}

export interface Damage {
  /** Writes that are broken: what was in them is lost. 0 but after a loss of power, or on a failing disk. */
  lostWrites: number
  /**
   * Whether it ended in the middle of a write, which is left out. A process that is killed while it writes
   * leaves that, and nobody was told of this write; after a loss of power others may be gone with it.
   */
  isTorn: boolean
}

/** Where accepted events become durable, before anyone is told that they were accepted. */
export interface Log {
  /** Which start of the server this is: greater than that of any start before it. */
  readonly epoch: number
  /** What was found broken when it was opened and read. */
  readonly damage: Readonly<Damage>
  /** Small settings that have to survive a restart, such as the salt of the day. */
  readonly settings: Settings
  /** What has been made of the records, kept beside them. */
  readonly store: Store
  /**
   * Resolves with the record's offset once it is durable. Records become durable, and their promises
   * resolve, in the order of the calls.
   * @throws {LogUnavailableError} when it cannot be made durable; nothing of it is kept then.
   */
  append(record: LogRecord): Promise<number>
  /** Everything from an offset on, in order, but for what is broken, which is told as `damage`. */
  read(from: number): AsyncIterable<StoredRecord>
  /**
   * Forgets the records before an offset, but for those that were written as one with a later one. Offsets go
   * on where they were.
   * @throws {LogUnavailableError} when that cannot be written; everything is kept then.
   */
  trim(before: number): Promise<void>
  close(): Promise<void>
}

export interface Settings {
  get(name: string): string | undefined
  /** @throws {LogUnavailableError} when it cannot be made durable; the value is as before then. */
  set(name: string, value: string): void
}

export class LogUnavailableError extends Error {
  override name = 'LogUnavailableError'
}

/**
 * The epoch of a start: past the stored one, and no smaller than the time. So a server whose store
 * was deleted is still newer than what its readers hold, and they do not wait for ever.
 */
export function nextEpoch(stored: number, now: number): number {
  return Math.max(stored + 1, Math.floor(now))
}
