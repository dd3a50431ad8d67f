/** Limits and delays of the tracker. The limits of the protocol are in `@tidemark/protocol`. */

/**
 * Delay of a page view, in milliseconds: single-page apps set the title after they navigate, and may redirect once
 * more.
 */
export const viewDelayMs = 500

/** Delay of the first event after a pause, in milliseconds: events of the same task are one batch. */
export const batchDelayMs = 1

/** Shortest time between two batches without failures, in milliseconds. A view is sent within 1.6 s. */
export const batchGapMs = 1000

/**
 * Largest size of a batch, in bytes: 30 KiB, which is less than the number of events that the protocol allows. Browsers allow 64 KiB of pending keepalive requests for each page, so that
 * a second batch fits when the page is hidden: https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
 */
export const maxBatchBytes = 30_720

/** Largest size of a batch without its events, in bytes. */
export const envelopeBytes = 384

/** Growth of the largest batch after an accepted one, in bytes: 1 KiB. */
export const batchGrowthBytes = 1024

/**
 * Largest number of batches that are sent when the page is hidden. Chrome refuses more than nine keepalive
 * requests of one process at a time: https://github.com/whatwg/fetch/issues/679
 */
export const maxLeavingBatches = 8

/** Largest number of events in the outbox. Overflow drops the oldest. */
export const maxOutboxEvents = 1000

/**
 * Largest size of the outbox, in characters: as many as 1 MiB of ASCII has. Browsers limit their storage in characters,
 * too.
 */
export const maxOutboxLength = 1_048_576

/** Timeout of a request, in milliseconds. */
export const requestTimeoutMs = 30_000

/** Longest delay of the first retry, in milliseconds. It doubles with each failure. */
export const retryBaseMs = 1000

/** Longest delay of a retry without `Retry-After`, in milliseconds. */
export const retryMaxMs = 60_000

/** Number of consecutive failures without any answer after which sending counts as blocked. */
export const maxUnanswered = 9

/** Longest delay of a retry while sending is blocked, in milliseconds: ten minutes. */
export const blockedRetryMaxMs = 600_000

/** Longest `Retry-After` that is respected, in milliseconds: one hour. */
export const maxRetryAfterMs = 3_600_000

/** Shortest time between two heartbeats, in milliseconds. */
export const minHeartbeatIntervalMs = 1000

/** Age from which a stored event counts as left behind by its page, in milliseconds. */
export const minAdoptionAgeMs = 30_000

/** Shortest time between two searches for events that were left behind, in milliseconds. */
export const adoptionGapMs = 30_000

/** Longest random delay of such a search, so that tabs do not search together, in milliseconds. */
export const maxAdoptionDelayMs = 3000

/** Shortest engaged time that is reported, in milliseconds. */
export const minEngagementMs = 1000
