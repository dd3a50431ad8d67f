import type { TrackerOptions } from './types.ts'

/**
 * The options of a script tag, from its `data-*` attributes: `data-site`, `data-api`, and each option
 * of the tracker under its own name, such as `data-heartbeat-interval-ms`. A switch is on when it is
 * present, unless it says `false`. `undefined` when there is no site, or no address to send to.
 *
 * @param data the tag's `dataset`
 * @param src where the script was loaded from
 */
export function parseSettings(
  data: Readonly<Record<string, string | undefined>>,
  src: string,
): TrackerOptions | undefined {
  const siteId = data.site
  const baseUrl = data.api || toApiUrl(src)
  if (!siteId || !baseUrl) return undefined
  const heartbeatIntervalMs = Number.parseFloat(data.heartbeatIntervalMs ?? '')
  return {
    siteId,
    baseUrl,
    visitorId: data.visitorId,
    pageViews: toSwitch(data.pageViews, true),
    hash: toSwitch(data.hash),
    heartbeatIntervalMs: heartbeatIntervalMs >= 0 ? heartbeatIntervalMs : undefined,
    respectDoNotTrack: toSwitch(data.respectDoNotTrack),
    debug: toSwitch(data.debug),
  }
}

function toSwitch(text: string | undefined, absent = false): boolean {
  return text === undefined ? absent : text !== 'false'
}

/**
 * The API is in the directory that the script is in: `https://host/stats/api/tidemark.js` →
 * `https://host/stats/api`. When that is the root of the server it is `/api`:
 * `https://host/tidemark.js` → `https://host/api`.
 */
function toApiUrl(src: string): string | undefined {
  if (!src) return undefined
  const { origin, pathname } = new URL('.', src)
  return origin + (pathname === '/' ? '/api' : pathname.slice(0, -1))
}
