/** Every bound of the wire. A sender that keeps to these is never turned away for size. */
export const limits = {
  /** Body of `POST events`: 512 KiB. */
  maxBodyBytes: 524_288,
  /** Events in one batch. */
  maxBatchEvents: 1000,
  maxNameLength: 200,
  /** `client`, `visitorId`, `sessionId`, `userId`. */
  maxIdLength: 128,
  /** `url` and `referrer`. */
  maxUrlLength: 8192,
  /** A longer title is cut. */
  maxTitleLength: 300,
  /** A longer path is cut. */
  maxPathLength: 1000,
  maxProperties: 50,
  maxPropertyNameLength: 100,
  maxPropertyTextLength: 1000,
  /** Largest magnitude of `value` and of numeric properties: 2^53. */
  maxNumber: 9_007_199_254_740_992,
  /** An event later than this after it happened is `too_old`: two days, the outbox's age too. */
  maxEventAgeMs: 172_800_000,
  /** A site's id: letters, digits and `. _ -`. */
  maxSiteIdLength: 64,
  /** Entries that a feed holds. */
  maxFeedEntries: 50,
  /** Rows of a list that is ranked by a count, before the rest row. */
  maxListRows: 50,
  /** Longest hold of `frames?wait=`, in seconds. */
  maxWaitSeconds: 25,
  /** A message from a reader on a WebSocket: 16 KiB. */
  maxMessageBytes: 16_384,
} as const
