/** An event that waits for the server's decision. `client` and `n` identify it permanently, in any tab. */
export interface QueuedEvent {
  readonly client: string
  /** Number of the event within its client, from 1. */
  readonly n: number
  /** Time of the event, in milliseconds since 1970. */
  readonly at: number
  /** The event as JSON, as it is sent. */
  readonly json: string
  /** Length of `json` in UTF-8, in bytes. */
  readonly bytes: number
}

/** Returns the length of a text in UTF-8, in bytes. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}
