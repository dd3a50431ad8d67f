export const importLimits = {
  /** Uncommitted buckets in memory. For events older than the hourly retention a bucket is a day. */
  maxOpenBuckets: 64,
  /** Uncommitted lines, which a killed import reads again. */
  maxOpenLines: 250_000,
  /** First lines that identify a log. */
  headLines: 10,
} as const
