/** One part of a bucket, in encoded form. The names of tiers and parts are opaque to the store. */
export interface StoredPart {
  readonly tier: string
  readonly part: string
  /** Start of the bucket, in milliseconds since 1970. */
  readonly start: number
  readonly bytes: Uint8Array
}

/** A segment of one of the tables in a site's state. A segment without `bytes` is deleted. */
export interface StoredSegment {
  table: string
  id: number
  bytes: Uint8Array | undefined
}

/** All changes of a site since its last checkpoint. */
export interface Checkpoint {
  /** Offset of the last log record in the checkpoint. A start folds only later records. */
  offset: number
  /** The site's state without its tables and buckets. */
  state: Uint8Array
  segments: readonly StoredSegment[]
  /** New and changed parts, which replace stored ones. */
  parts: readonly StoredPart[]
  /** Ranges with events that only coarser buckets contain. @default none */
  incomplete?: readonly IncompleteRange[]
  /** The import that commits it. The store keeps the rows that an import replaces. @default none */
  importRun?: ImportRun | undefined
}

/** A run of an import. Its replaced rows are kept for an undo until the next import of the site. */
export interface ImportRun {
  /** Unique among the imports of a site. */
  readonly id: number
  /** ID of the log. A run that continues an unfinished run with the same log belongs to the same import. */
  readonly log: number
  /** Whether this is its last checkpoint. */
  readonly isFinished: boolean
}

/** The buckets of a tier that start before a time. Some of them are missing. */
export interface IncompleteRange {
  readonly tier: string
  /** Milliseconds since 1970. */
  readonly before: number
}

/** A site as its last checkpoint left it. */
export interface StoredSite {
  site: string
  offset: number
  state: Uint8Array
  segments: StoredSegment[]
}

/** Damaged stored buckets. `end` is exclusive; `start` and `end` are bucket starts, in milliseconds since 1970. */
export interface DamagedParts {
  readonly site: string
  readonly tier: string
  readonly part: string
  readonly start: number
  readonly end: number
}

/** Stores the checkpoints of sites, beside the log from which their states are built. */
export interface Store {
  /**
   * Returns every site that has a checkpoint.
   * @throws {LogUnavailableError} when a stored state is damaged
   */
  sites(): Iterable<StoredSite>
  /**
   * Stores a checkpoint as a whole. `read` returns its parts immediately; the promise resolves when the checkpoint is
   * durable.
   * @throws {LogUnavailableError} when the checkpoint cannot be written. The site's next checkpoint includes its changes.
   */
  commit(site: string, checkpoint: Checkpoint): Promise<void>
  /**
   * Returns one part of the buckets of a tier that start in `[from, to)`, in order. Damaged ones are left out, and
   * remembered in `damaged`.
   * @param limit most buckets. @default all
   */
  read(
    site: string,
    tier: string,
    part: string,
    from: number,
    to: number,
    limit?: number,
  ): StoredPart[]
  /**
   * Deletes the buckets of a tier that start before a time.
   * @throws {LogUnavailableError} when the deletion cannot be written
   */
  expire(site: string, tier: string, before: number): Promise<void>
  /**
   * Returns the stored buckets that have been found damaged, since the first start. They stay damaged when later events
   * change them.
   */
  damaged(site: string): readonly DamagedParts[]
  /** Returns the time from which no bucket of a tier is missing; -Infinity when none has expired. */
  completeFrom(site: string, tier: string): number
}
