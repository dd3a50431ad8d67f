import type { InteractionOptions } from '../capture/interactions.ts'
import type { TrackerOptions } from '../tracker/types.ts'

/** Settings of a script tag: the options of the tracker as text or boolean, and those of the automatic events. */
export interface ScriptSettings extends Omit<TrackerOptions, 'beforeSend'>, InteractionOptions {
  readonly [name: string]: unknown
  engagement?: boolean
  /** Whether `tidemark.extra.js` is loaded, for the options that need it. */
  extra?: boolean
  /** Name of the global variable that gets the tracker. @default 'tidemark' */
  global?: string
}

/**
 * Parses the `data-*` attributes of a script tag: `data-site`, `data-api` and each option, such as `data-persist` or
 * `data-heartbeat-interval-ms`. A boolean attribute is true if it is present and not `false`. Returns `undefined`
 * if there is no site or no URL to send to.
 *
 * @param data the tag's `dataset`
 * @param src URL of the script
 */
export function parseSettings(
  data: Readonly<Record<string, string | undefined>>,
  src: string,
): ScriptSettings | undefined {
  const siteId = data.site
  const baseUrl = data.api || toApiUrl(src)
  if (!siteId || !baseUrl) return undefined
  const options: Record<string, string | boolean | undefined> = {}
  for (const [name, text = ''] of Object.entries(data))
    options[name] = text === '' || text === 'true' || (text !== 'false' && text)
  return Object.assign(options, { siteId, baseUrl })
}

/**
 * Returns the URL of the API, which is the script's directory: `https://host/stats/api/tidemark.js` →
 * `https://host/stats/api`. For a script at the server's root, it is `/api`: `https://host/tidemark.js` →
 * `https://host/api`.
 */
function toApiUrl(src: string): string {
  const [, origin, path] = /^(\w+:\/\/[^/]+)(.*)\//.exec(src.replace(/[?#].*/, '')) ?? []
  return origin ? origin + (path || '/api') : ''
}
