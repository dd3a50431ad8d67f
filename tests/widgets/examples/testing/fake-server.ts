import { createLiveClient } from '@tidemark/sdk/live'
import { type ClientFactory, useTidemarkStore } from '@tidemark/widgets'

/** Widgets request their data with this `fetch`, and open no WebSocket. */
export function useFakeServer(fetch: typeof globalThis.fetch): void {
  const createClient: ClientFactory = options =>
    createLiveClient({ ...options, platform: { fetch, WebSocket: undefined } })
  useTidemarkStore().registry.setClientFactory(createClient)
}
