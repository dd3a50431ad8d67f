/** What a server answered. */
export interface TransportResponse {
  status: number
  /** The Retry-After header as it came. */
  retryAfter: string | undefined
  body: string
}

/** The road to one server's `POST events`. */
export interface Transport {
  /** Rejects when there is no whole answer: no connection, a connection lost, silence, too much. */
  post(body: string, userAgent: string | undefined): Promise<TransportResponse>
  /** Ends all connections; requests that are under way reject. */
  close(): void
}
