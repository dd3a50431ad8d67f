/** The limits of readers. Their bundles do not need the others. */
export const readerLimits = {
  /** Entries of the feed. */
  maxFeedEntries: 50,
  /** Rows of a ranked list, without the rest row. */
  maxListRows: 50,
  /** The server truncates a longer path. */
  maxPathLength: 1000,
  /** Paths of a selection. */
  maxPaths: 100,
  /** Characters of all paths of a selection together, so that proxies accept the URL of a request. */
  maxPathsLength: 4096,
  maxNameLength: 200,
  maxPropertyNameLength: 100,
  /** Properties of a selection. */
  maxSelectedProperties: 20,
  /** Characters of all properties of a selection together, as in the URL of a request. */
  maxPropertiesLength: 4096,
  /** Longest wait of `frames?wait=`, in seconds. */
  maxWaitSeconds: 25,
} as const

const senderLimits = {
  /** Body of `POST events`: 512 KiB. */
  maxBodyBytes: 524_288,
  /** Events in one batch. */
  maxBatchEvents: 1000,
  /** `client`, `visitorId`, `sessionId`, `userId`. */
  maxIdLength: 128,
  /** `url` and `referrer`. */
  maxUrlLength: 8192,
  /** The server truncates a longer title. */
  maxTitleLength: 300,
  maxProperties: 50,
  maxPropertyTextLength: 1000,
  /** `userAgent` of a sender with a write key. */
  maxUserAgentLength: 1000,
  /** `language` of a batch. */
  maxLanguageLength: 35,
  /** `touch` of a batch. */
  maxTouchPoints: 1000,
  /** Largest magnitude of `value` and of numeric properties: 2^53. */
  maxNumber: 9_007_199_254_740_992,
  /**
   * Longest time from an event to its arrival: two days. An older event is `too_old`. Also the outbox's maximum age.
   */
  maxEventAgeMs: 172_800_000,
  /** Length of a site's id, which consists of letters, digits and `. _ -`. */
  maxSiteIdLength: 64,
  /** Message of a reader on a WebSocket: 16 KiB. */
  maxMessageBytes: 16_384,
} as const

/** The limits of the protocol. The server never refuses a sender for size that respects them. */
export const limits: typeof senderLimits & typeof readerLimits = {
  ...senderLimits,
  ...readerLimits,
}
