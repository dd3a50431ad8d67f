import { engagement } from '../capture/engagement.ts'
import { interactions } from '../capture/interactions.ts'
import { isObject } from '../shared/is-object.ts'
import { createTracker } from '../tracker/tracker.ts'
import type { Tracker } from '../tracker/types.ts'
import { type ScriptSettings, parseSettings } from './settings.ts'

/** Adds the parts of `tidemark.extra.js` to a tracker that was just created. */
export type InstallExtra = (tracker: Tracker, settings: ScriptSettings) => void

/**
 * Starts the tracker of a script tag and assigns it to `window.tidemark`. A page that calls the tracker earlier
 * needs this stub before the tag. It collects the calls of any method:
 *
 * ```html
 * <script>
 *   window.tidemark ??= new Proxy({ q: [] }, { get: ({ q }, m) => m == 'q' ? q : (...a) => q.push([m, ...a]) })
 * </script>
 * ```
 *
 * @param host the page's `window`
 * @param scripts the tags that may be the one of this script, the most likely first
 * @param loadExtra loads `tidemark.extra.js` from a URL
 */
export function install(
  host: Record<string, unknown>,
  scripts: Iterable<HTMLScriptElement>,
  loadExtra: (url: string) => Promise<InstallExtra>,
): void {
  let warning = 'no data-site in the script tag'
  for (const script of scripts) {
    // A loader that delays scripts keeps the URL in an attribute.
    const src = script.src || script.dataset.src || ''
    const settings = parseSettings(script.dataset, src)
    if (!settings) continue
    warning = 'loaded twice'
    const key = `tidemark ${settings.siteId} ${settings.baseUrl}`
    if (key in host) continue
    host[key] = true
    // URL rules must be there before the first view, so that the tracker starts after them.
    if (settings.extra)
      // A versioned name has an extra file of its version.
      loadExtra(src.replace(/\.js([?#].*)?$/, '.extra.js')).then(
        extra => start(host, settings, extra),
        warn,
      )
    else start(host, settings)
    return
  }
  warn(warning)
}

/** Creates the tracker of a tag, with the automatic events that the tag does not switch off. */
function start(
  host: Record<string, unknown>,
  settings: ScriptSettings,
  installExtra?: InstallExtra,
): void {
  const { global = 'tidemark' } = settings
  // `tidemark.extra.js` finds the function of the page by its name. Without that file, nothing is sent unseen.
  const tracker = createTracker(installExtra ? { ...settings, beforeSend: undefined } : settings)
  if (settings.engagement !== false) tracker.use(engagement())
  tracker.use(interactions(settings))
  installExtra?.(tracker, settings)
  const early = host[global]
  // The tracker of another site keeps the name.
  if (isObject(early) && 'counts' in early) return
  host[global] = tracker
  const calls = isObject(early) && early.q
  if (isList(calls)) for (const call of calls) replay(tracker, call)
}

/** Executes a collected call. The tracker's methods check the arguments. */
function replay(tracker: Tracker, call: unknown): void {
  if (!isList(call)) return
  const [name, ...args] = call
  const method: unknown = Reflect.get(tracker, String(name))
  if (typeof method === 'function') Reflect.apply(method, tracker, args)
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

function warn(message: unknown): void {
  // oxlint-disable-next-line no-console -- the developer who adds the tag looks there
  console.warn('[tidemark]', message)
}
