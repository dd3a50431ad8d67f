import { engagement } from '../capture/engagement.ts'
import { interactions } from '../capture/interactions.ts'
import { attempt } from '../shared/attempt.ts'
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
  loadExtra: (url: string) => Promise<{ default: InstallExtra }>,
): void {
  let warning = 'no data-site'
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
        extra => start(host, settings, extra.default),
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
  const tracker = createTracker(settings)
  if (settings.engagement !== false) tracker.use(engagement())
  tracker.use(interactions(settings))
  installExtra?.(tracker, settings)
  // oxlint-disable-next-line typescript/no-unsafe-assignment -- the page may have any variable of that name
  const early: object = Object(host[global])
  // The tracker of another site keeps the name.
  if ('counts' in early) return
  host[global] = tracker
  // A variable that is not the stub has no list of calls. The tracker's methods check the arguments. Without a variable,
  // nothing is thrown: the first exception of a script costs milliseconds.
  attempt(() => {
    // oxlint-disable-next-line typescript/no-unsafe-call, typescript/no-unsafe-member-access
    for (const [name, ...args] of Reflect.get(early, 'q') ?? []) Object(tracker)[name]?.(...args)
  })
}

function warn(message: unknown): void {
  // oxlint-disable-next-line no-console -- the developer who adds the tag looks there
  console.warn('[tidemark]', message)
}
