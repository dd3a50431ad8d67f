export { createLiveClient } from './client.ts'
export type {
  LiveClient,
  LiveError,
  LiveOptions,
  LivePhase,
  LiveStatus,
  LiveTransport,
  LiveView,
  PageSignals,
  Platform,
} from './types.ts'
