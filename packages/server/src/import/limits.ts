export const importLimits = {
  /** Uncommitted buckets in memory. For events older than the hourly retention a bucket is a day. */
  maxOpenBuckets: 64,
  /** Uncommitted lines, which a killed import reads again. */
  maxOpenLines: 250_000,
  /** First lines that identify a log. */
  headLines: 10,
  /** Visits that a dry run shows. */
  maxPreviewedVisits: 10,
  /** Pages of a visit that a dry run shows. */
  maxPreviewedPages: 20,
  /** Visitors that a dry run counts. */
  maxPreviewedVisitors: 1_000_000,
  /** Time between two page views that ends a visit in a dry run: 30 minutes. */
  previewGapMs: 1_800_000,
} as const
