import type { RealtimeConfig } from '@tidemark/widgets'

/** Site id of the demo shop and the simulated shoppers. */
const demoSite = 'demo'

/** The displayed site. `/dashboard?site=my-site` shows another site. */
export const siteId: string = new URLSearchParams(location.search).get('site') ?? demoSite

export const isDemo: boolean = siteId === demoSite

/** The short poll interval keeps a page without a WebSocket nearly current. */
export const config: RealtimeConfig = { baseUrl: '/api', siteId, pollIntervalMs: 2000 }
