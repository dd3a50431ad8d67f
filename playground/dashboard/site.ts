import type { RealtimeConfig } from '@tidemark/widgets'

/** The site that the demo shop is tracked as; the simulated shoppers are on it. */
const demoSite = 'demo'

/** `/dashboard?site=my-site` shows another one. */
export const siteId: string = new URLSearchParams(location.search).get('site') ?? demoSite

export const isDemo: boolean = siteId === demoSite

/** A short poll, so that a page without a WebSocket is not far behind one that has it. */
export const config: RealtimeConfig = { baseUrl: '/api', siteId, pollIntervalMs: 2000 }
