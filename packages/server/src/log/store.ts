/** A part of a bucket, as bytes. What tiers and parts there are is not the store's to know. */
export interface StoredPart {
  readonly tier: string
  readonly part: string
  /** Start of the bucket, in milliseconds since 1970. */
  readonly start: number
  readonly bytes: Uint8Array
}

/** A piece of one of the tables that a site's state has; without `bytes` it is to be forgotten. */
export interface StoredSegment {
  table: string
  id: number
  bytes: Uint8Array | undefined
}

/** All that has changed about a site since its last checkpoint. */
export interface Checkpoint {
  /** The last log record in it: a start folds only what comes after. */
  offset: number
  /** What a site's state is beside its tables and buckets. */
  state: Uint8Array
  segments: readonly StoredSegment[]
  /** In place of what was there. */
  parts: readonly StoredPart[]
  /** What is in coarser buckets alone. @default nothing */
  incomplete?: readonly IncompleteRange[]
}

/** Of a tier, all buckets that start before a time: not all of them are there any more. */
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

/** Where roll-ups are kept between starts, beside the log that they are made from. */
export interface Store {
  /** Every site that has had a checkpoint that was kept. */
  sites(): Iterable<StoredSite>
  /**
   * Takes a checkpoint, which `read` then knows of at once, and resolves when it is kept: all of it, or nothing.
   * @throws {LogUnavailableError} when it cannot be written; the next one of the site takes it along.
   */
  commit(site: string, checkpoint: Checkpoint): Promise<void>
  /** One part of the buckets of a tier whose start is in `[from, to)`, in order. */
  read(site: string, tier: string, part: string, from: number, to: number): StoredPart[]
  /**
   * Forgets the buckets of a tier that start before a time.
   * @throws {LogUnavailableError} when that cannot be written
   */
  expire(site: string, tier: string, before: number): Promise<void>
  /** From when on all buckets of a tier are there that ever were: none has been forgotten. -Infinity when none ever was. */
  completeFrom(site: string, tier: string): number
}
