export { createLiveClient } from './client.ts'
export { checkLiveOptions, checkPollInterval } from './options.ts'
export {
  type SelectedRows,
  checkSubscription,
  toEventProperties,
  toPagePaths,
} from './subscriptions.ts'
export { streamingTransports } from './types.ts'
export type {
  LiveClient,
  LiveError,
  LiveOptions,
  LivePhase,
  LiveStatus,
  LiveTransport,
  LiveView,
  PageSignals,
  LivePlatform,
  StreamingTransport,
  SubscribeOptions,
} from './types.ts'
export type { TokenSource } from './token.ts'
