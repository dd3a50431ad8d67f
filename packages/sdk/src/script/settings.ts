import type { InteractionOptions } from '../capture/interactions.ts'
import type { EventHook } from '../tracker/capture-context.ts'
import type { TrackerOptions } from '../tracker/types.ts'

/** Settings of a script tag: the options of the tracker as text or boolean, and those of the automatic events. */
export interface ScriptSettings extends TrackerOptions, InteractionOptions {
  [name: string]: unknown
  /**
   * Name of a function of the page. `tidemark.extra.js` replaces it by a call of the function; without that file, the
   * text drops all events, so that nothing is sent unseen.
   */
  beforeSend?: EventHook | undefined
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
 * The URL of the API is the script's directory by default: `https://host/stats/api/tidemark.js` →
 * `https://host/stats/api`, and `https://host/tidemark.js` → `https://host/api`.
 *
 * @param data the tag's `dataset`
 * @param src URL of the script
 */
export function parseSettings(
  data: Readonly<Record<string, string | undefined>>,
  src: string,
): ScriptSettings | undefined {
  const siteId = data.site
  // The script's directory. For a script at the server's root, it is `/api`.
  const [, origin, path] = /^(\w+:\/\/[^/?#]+)([^?#]*)\//.exec(src) ?? []
  const baseUrl = data.api || (origin && origin + (path || '/api'))
  if (!siteId || !baseUrl) return undefined
  // A property that the page adds to `Object.prototype` is no option.
  // oxlint-disable-next-line typescript/no-unsafe-assignment
  const options: Record<string, unknown> = Object.create(null)
  for (const [name, text] of Object.entries(data))
    options[name] = text !== 'false' && (text || true)
  // oxlint-disable-next-line no-console -- the tag asks for it
  const debug = options['debug'] ? console.debug.bind(console, '[tidemark]') : undefined
  return Object.assign(options, { siteId, baseUrl, debug })
}
