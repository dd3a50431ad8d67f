/** An event that waits for the server to take it. `client` and `n` name it for good, in any tab. */
export interface QueuedEvent {
  readonly client: string
  /** Counts the client's events from 1. */
  readonly n: number
  /** When it happened, in milliseconds since 1970. */
  readonly at: number
  /** The event as it travels. */
  readonly json: string
  /** Length of `json` in UTF-8. */
  readonly bytes: number
}

/** Length of a text in UTF-8. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}
