import type { TrackerOptions } from './types.ts'

/**
 * Parses the `data-*` attributes of a script tag: `data-site`, `data-api` and each option of the tracker, such as
 * `data-heartbeat-interval-ms`. A boolean attribute is true if it is present and not `false`. Returns `undefined`
 * if there is no site or no URL to send to.
 *
 * @param data the tag's `dataset`
 * @param src URL of the script
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
 * Returns the URL of the API, which is the script's directory: `https://host/stats/api/tidemark.js` →
 * `https://host/stats/api`. For a script at the server's root, it is `/api`: `https://host/tidemark.js` →
 * `https://host/api`.
 */
function toApiUrl(src: string): string | undefined {
  if (!src) return undefined
  const { origin, pathname } = new URL('.', src)
  return origin + (pathname === '/' ? '/api' : pathname.slice(0, -1))
}
