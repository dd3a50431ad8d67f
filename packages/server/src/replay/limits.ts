export const replayLimits = {
  /** Visitors in memory. An evicted visitor returns with the same visitor ID and a new client. */
  maxVisitors: 100_000,
  /** Page views in the send queue. The log is not read while the queue is full. */
  maxPendingEvents: 10_000,
  /** Bytes of JSON in the send queue: 16 MiB. */
  maxPendingBytes: 16_777_216,
  maxConcurrentRequests: 32,
  /** Requests for one batch before its page views count as failed. */
  maxAttempts: 8,
  /** Time in which a server that does not respond may start, before the log is read. */
  startupWaitMs: 3000,
  /** Longest delay before the second attempt. The span doubles with each further attempt. */
  retryBaseMs: 200,
  retryMaxMs: 10_000,
  /** Upper bound for Retry-After. */
  maxRetryAfterMs: 60_000,
  requestTimeoutMs: 10_000,
  /** Longest response body. A Tidemark server's is shorter. */
  maxResponseBytes: 262_144,
  /** Time for which an interrupted replay waits for responses to the requests it has sent. */
  graceMs: 2000,
  /** Characters of a User-Agent header. A longer one is cut, because servers limit the size of headers. */
  maxUserAgentLength: 1024,
  /** Distinct reasons counted for rejected, and for failed, page views. */
  maxReasons: 50,
  /** Longest single sleep: Node's timers overflow after 24.8 days. */
  maxSleepMs: 86_400_000,
} as const
