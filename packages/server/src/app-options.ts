import type { Authorizer } from './guard/authorizer.ts'
import type { HostNames } from './guard/host-names.ts'
import type { Rates } from './guard/rates.ts'
import type { Connections } from './live/connections.ts'
import type { Reporter } from './logging/reporter.ts'
import type { EventIntakeOptions } from './routes/event-intake.ts'
import type { MetricsAnswerer } from './routes/metrics.ts'
import type { Proxies } from './routes/proxies.ts'
import type { NotReadyReason } from './routes/ready.ts'
import type { WebSockets } from './routes/websocket-server.ts'
import type { Scripts } from './script/scripts.ts'
import type { Settings } from './settings.ts'
import type { Sites } from './sites/sites.ts'

export interface AppOptions extends Pick<EventIntakeOptions, 'clock' | 'visitorOf' | 'placeOf'> {
  /** The settings that a reload replaces. Read them for each request. */
  settings: { readonly current: Settings }
  authorize: Authorizer
  sites: Sites
  /** Resolves when the sites are recovered. Requests wait for it. */
  ready: Promise<unknown>
  /** @default no rate is limited */
  rates?: Rates
  /** @default every host is accepted */
  hosts?: HostNames
  proxies: Proxies
  connections: Connections
  websockets: Pick<WebSockets, 'messageSocketOf'>
  scripts: Pick<Scripts, 'find'>
  /** Returns why the server is not ready. @default it is */
  notReadyReason?: NotReadyReason
  /** @default new limits of queries */
  queries?: MetricsAnswerer
  /** Receives conditions and refusals, and internal errors, which are answered with `internal`. */
  reporter: Pick<Reporter, 'report' | 'refused'>
}

export interface RoutesOptions extends AppOptions {
  onError(error: unknown): void
}
