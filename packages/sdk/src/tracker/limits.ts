/** Every bound and rhythm of the tracker. Those of the wire are in the protocol's `limits`. */

/** How long a new view waits for the page to set its title: single-page apps do so after they navigate. */
export const settleMs = 100

/** How long the first event after a silence waits for company. */
export const gatherMs = 100

/** The least time between two batches while nothing is wrong. A view is on its way within 1.2 s. */
export const batchGapMs = 1000

/** A batch with this many events goes out at once, and none has more. */
export const maxBatchEvents = 100

/**
 * The same in bytes: 30 KiB. A batch under way leaves as much again of the keepalive budget for what
 * has to go when the page is hidden.
 */
export const maxBatchBytes = 30_720

/** What a batch is at most around its events, in bytes. */
export const envelopeBytes = 128

/**
 * Bodies of all keepalive requests of a page together: 64 KiB.
 * https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
 */
export const keepaliveBudgetBytes = 65_536

/**
 * Batches that are handed over when the page is hidden. Chrome refuses more than nine keepalive
 * requests of one process at a time: https://github.com/whatwg/fetch/issues/679
 */
export const maxLeavingBatches = 8

/** Events that wait for the network; beyond it the oldest are dropped. */
export const maxOutboxEvents = 1000

/** The same in bytes: 1 MiB. */
export const maxOutboxBytes = 1_048_576

/** A request without an answer after this long has failed. */
export const requestTimeoutMs = 30_000

/** Upper bound of the delay after the first failure; it doubles with each further one. */
export const retryBaseMs = 1000

/** Longest retry delay, besides `Retry-After`. */
export const retryMaxMs = 60_000

/** Longest `Retry-After` that the tracker obeys: one hour. */
export const maxRetryAfterMs = 3_600_000

/** Heartbeats do not come closer together than this, whatever the option says. */
export const minHeartbeatIntervalMs = 1000
