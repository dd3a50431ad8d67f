import { type ChannelName, channelNames } from '@tidemark/protocol'
import type { LiveClient } from '@tidemark/sdk/live'

/** One client, and what is taken from it. */
export interface ClientLease {
  readonly client: LiveClient
  readonly pollIntervalMs: number
  /** Takes these channels from now on, in one subscription; none of them puts the client to rest. */
  select(channels: Iterable<ChannelName>): void
}

/** @param changed called after every change of the client's view */
export function createClientLease(
  client: LiveClient,
  pollIntervalMs: number,
  changed: (line: ClientLease) => void,
): ClientLease {
  let taken: readonly ChannelName[] = []
  let leave: (() => void) | undefined

  const line: ClientLease = {
    client,
    pollIntervalMs,
    select(channels) {
      const wanted = new Set(channels)
      const next = channelNames.filter(name => wanted.has(name))
      if (next.join() === taken.join()) return
      // The new subscription before the end of the old one, so that the client does not stop in between.
      const leaveOld = leave
      leave = next.length > 0 ? client.subscribe(next, () => changed(line)) : undefined
      taken = next
      leaveOld?.()
    },
  }
  return line
}
