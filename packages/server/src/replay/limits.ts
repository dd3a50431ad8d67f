/** Every bound of a replay. */
export const replayLimits = {
  /** Visitors that are remembered; one forgotten comes back as the same visitor with a new client. */
  maxVisitors: 100_000,
  /** Page views that wait to be sent or answered; then the log is not read on. */
  maxPendingEvents: 10_000,
  /** The same by the bytes of their JSON: 16 MiB. */
  maxPendingBytes: 16_777_216,
  maxConcurrentRequests: 32,
  /** Requests for one batch, before its page views count as failed. */
  maxAttempts: 8,
  /** How long a server that does not answer is tried before anything is read: it may be coming up. */
  startupWaitMs: 3000,
  /** Longest wait before the second attempt; it doubles from attempt to attempt. */
  retryBaseMs: 200,
  retryMaxMs: 10_000,
  /** A longer Retry-After is cut to this. */
  maxRetryAfterMs: 60_000,
  requestTimeoutMs: 10_000,
  /** A longer answer is no verdict of a Tidemark server. */
  maxResponseBytes: 262_144,
  /** How long an interrupted run waits for the answers to what it has sent. */
  graceMs: 2000,
  /** A longer User-Agent is cut, so that the header stays within what servers take. */
  maxUserAgentLength: 1024,
  /** Lines that did not parse of which the summary says why. */
  maxShownLines: 5,
  /** Different reasons of rejected, and of failed, page views that are told apart. */
  maxReasons: 50,
  /** Longest single sleep: timers of Node overflow after 24.8 days. */
  maxSleepMs: 86_400_000,
} as const
