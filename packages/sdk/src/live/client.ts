import { defaultMinutes } from '@tidemark/protocol'
import { firstAfter } from '../shared/first-after.ts'
import { createConnection } from './connection.ts'
import { checkLiveOptions, toSiteUrl } from './options.ts'
import { createPageWatch } from './page-watch.ts'
import { currentPlatform } from './platform.ts'
import { createReader } from './reader.ts'
import { toLiveStatus } from './status.ts'
import { createSubscriptions } from './subscriptions.ts'
import { createTokenProvider } from './token.ts'
import { type LiveClient, type LiveOptions, streamingTransports } from './types.ts'
import { createViews } from './views.ts'

const defaultPollIntervalMs = 5000

/**
 * Creates a client for the live state of one site. The client polls first, so that data arrives through any proxy.
 * It then tries better transports beside polling, stops polling once a transport is verified, and polls again when
 * that connection closes. All transports apply frames to the same cursor, so no change is missed or applied twice.
 * @throws {TypeError} for an invalid option; the message names the option and the value
 */
export function createLiveClient(options: LiveOptions): LiveClient {
  checkLiveOptions(options)
  const platform = { ...currentPlatform(), ...options.platform }
  const { transports = streamingTransports } = options
  const page = createPageWatch(platform)
  const reader = createReader()

  const subscriptions = createSubscriptions({
    minutes: options.minutes ?? defaultMinutes,
    onFirst: () => page.start(connection.handlePageChange),
    onLast() {
      page.stop()
      connection.stop()
    },
    onSelection(change) {
      if (change.hasChanged) reader.select(change.selection)
      connection.applySelection(change)
      views.update()
    },
    onChange: () => views.update(),
  })
  const hasSubscribers = (): boolean => subscriptions.subscribers.size > 0

  const connection = createConnection({
    platform,
    page,
    reader,
    token: createTokenProvider(options.token),
    siteUrl: toSiteUrl(options, platform.href),
    pollIntervalMs: options.pollIntervalMs ?? defaultPollIntervalMs,
    fallbackOrder: transports.filter(name => name !== 'websocket' || platform.WebSocket),
    selection: () => subscriptions.selection,
    hasSubscribers,
    onChange: () => views.update(),
  })

  const views = createViews({
    platform,
    subscribers: subscriptions.subscribers,
    state: () => reader.position?.state,
    status: () => toLiveStatus({ connection, page, reader, hasSubscribers: hasSubscribers() }),
    nextChangeAt() {
      const { syncedAt } = connection.sync
      const staleAt = syncedAt && syncedAt + connection.staleAfterMs()
      return firstAfter(platform.now(), [staleAt, connection.retryAt()])
    },
  })

  return {
    get view() {
      return views.current
    },
    subscribe: subscriptions.subscribe,
    refresh: connection.refresh,
  }
}
