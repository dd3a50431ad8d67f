import type { RealtimeConfig } from '@tidemark/widgets'

/** The page's address names the server: `/?api=http://127.0.0.1:4711/api`. During rendering on a server there is none. */
const search = typeof location === 'undefined' ? '' : location.search

export const config: RealtimeConfig = {
  baseUrl: new URLSearchParams(search).get('api') ?? 'http://127.0.0.1:9/api',
  siteId: 'shop',
}
