import { type ChannelName, channelNames, formatProperty } from '@tidemark/protocol'
import type { LiveClient, SelectedRows } from '@tidemark/sdk/live'

/** A live client with one subscription, shared by all subscribers of a connection. */
export interface ClientLease {
  readonly client: LiveClient
  readonly pollIntervalMs: number
  /**
   * Replaces the subscribed channels, and the rows of those on demand. No channels unsubscribe, which stops the client.
   */
  select(channels: Iterable<ChannelName>, rows: SelectedRows): void
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
  let selected = ''
  let unsubscribe: (() => void) | undefined

  const lease: ClientLease = {
    client,
    pollIntervalMs,
    select(channels, rows) {
      const requested = new Set(channels)
      const next = channelNames.filter(name => requested.has(name))
      const texts = rows.properties.map(formatProperty)
      const key = JSON.stringify([next, rows.paths.toSorted(), texts.toSorted()])
      if (key === selected) return
      // Subscribes before it unsubscribes, so that the client does not stop in between.
      const unsubscribePrevious = unsubscribe
      const onView = (): void => onChange(lease)
      unsubscribe = next.length > 0 ? client.subscribe(next, onView, rows) : undefined
      selected = key
      unsubscribePrevious?.()
    },
  }
  return lease
}
