/** Every bound of an import. */
export const importLimits = {
  /** Buckets that are held before they are kept. Long ago each is a day. */
  maxOpenBuckets: 64,
  /** Lines that a killed import has to read again at most. */
  maxOpenLines: 250_000,
  /** First lines by which a log is known again. */
  headLines: 10,
} as const
