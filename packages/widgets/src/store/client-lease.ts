import { type ChannelName, channelNames } from '@tidemark/protocol'
import type { LiveClient } from '@tidemark/sdk/live'

/** A live client with one subscription, shared by all subscribers of a connection. */
export interface ClientLease {
  readonly client: LiveClient
  readonly pollIntervalMs: number
  /** Replaces the subscribed channels. An empty selection unsubscribes, which stops the client. */
  select(channels: Iterable<ChannelName>): void
}

/**
 * Creates a lease without channels; the client starts with the first selection.
 * @param onChange called after every change of the client's view
 */
export function createClientLease(
  client: LiveClient,
  pollIntervalMs: number,
  onChange: (lease: ClientLease) => void,
): ClientLease {
  let selected: readonly ChannelName[] = []
  let unsubscribe: (() => void) | undefined

  const lease: ClientLease = {
    client,
    pollIntervalMs,
    select(channels) {
      const requested = new Set(channels)
      const next = channelNames.filter(name => requested.has(name))
      if (next.join() === selected.join()) return
      // Subscribes before it unsubscribes, so that the client does not stop in between.
      const unsubscribePrevious = unsubscribe
      unsubscribe = next.length > 0 ? client.subscribe(next, () => onChange(lease)) : undefined
      selected = next
      unsubscribePrevious?.()
    },
  }
  return lease
}
