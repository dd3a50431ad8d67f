export interface TransportResponse {
  status: number
  /** The unparsed Retry-After header. */
  retryAfter: string | undefined
  body: string
}

/** Sends requests to the `POST events` endpoint of one server. */
export interface Transport {
  /** Rejects when there is no complete response: no connection, a lost connection, a timeout, or a body too long. */
  post(body: string, userAgent: string | undefined): Promise<TransportResponse>
  /** Closes all connections and rejects the requests in flight. */
  close(): void
}
