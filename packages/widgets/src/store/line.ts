import type { LiveClient } from '@tidemark/sdk/live'
import type { Subscriber } from './connection.ts'

/** One client, with the subscribers that are attached to it. */
export interface Line {
  readonly client: LiveClient
  readonly pollIntervalMs: number
  /** Attaches who is missing and detaches who has left; a line with nobody on it is at rest. */
  serve(subscribers: ReadonlySet<Subscriber>): void
}

/** @param changed called after every change of the client's view */
export function createLine(
  client: LiveClient,
  pollIntervalMs: number,
  changed: (line: Line) => void,
): Line {
  const attached = new Map<Subscriber, () => void>()
  const line: Line = {
    client,
    pollIntervalMs,
    serve(subscribers) {
      // Joiners first, so that a line which changes hands does not close in between.
      for (const subscriber of subscribers) {
        if (attached.has(subscriber)) continue
        attached.set(
          subscriber,
          client.subscribe(subscriber.channels, () => changed(line)),
        )
      }
      for (const [subscriber, detach] of attached) {
        if (subscribers.has(subscriber)) continue
        attached.delete(subscriber)
        detach()
      }
    },
  }
  return line
}
