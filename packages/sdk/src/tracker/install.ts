import { isObject } from '../shared/is-object.ts'
import { parseSettings } from './settings.ts'
import { createTracker } from './tracker.ts'
import type { Tracker } from './types.ts'

/** The stub that a page may create before the script has loaded. It collects calls. */
export interface TrackerQueue {
  /** Calls in order; each has the method's name and its arguments. */
  q: unknown[]
}

/** The object that gets the tracker: the page's `window`. */
export interface TrackerHost {
  tidemark?: unknown
}

/**
 * Starts the tracker of a script tag and assigns it to `window.tidemark`. A page that calls the tracker earlier
 * needs this stub before the tag:
 *
 * ```html
 * <script>
 *   window.tidemark ??= { q: [], track: (...a) => tidemark.q.push(['track', ...a]) }
 * </script>
 * ```
 */
export function install(host: TrackerHost, script: HTMLScriptElement | undefined): void {
  const early = host.tidemark
  if (isObject(early) && 'counts' in early) {
    return warn('Loaded twice; the second script does nothing.')
  }
  const settings = script && parseSettings(script.dataset, script.src)
  if (!settings) return warn('Nothing is tracked: add data-site="my-site" to the script tag.')
  const tracker = createTracker(settings)
  host.tidemark = tracker
  const calls: unknown = isObject(early) && early.q
  if (isList(calls)) for (const call of calls) replay(tracker, call)
}

/** Executes a collected call. The tracker's methods check the arguments. */
function replay(tracker: Tracker, call: unknown): void {
  if (!isList(call)) return
  const [method, ...args] = call
  if (method === 'track') Reflect.apply(tracker.track, tracker, args)
  if (method === 'pageView') Reflect.apply(tracker.pageView, tracker, args)
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

function warn(message: string): void {
  // oxlint-disable-next-line no-console -- the developer who adds the tag looks there
  console.warn(`[tidemark] ${message}`)
}
