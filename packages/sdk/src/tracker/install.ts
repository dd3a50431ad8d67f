import { isObject } from '../shared/is-object.ts'
import { parseSettings } from './settings.ts'
import { createTracker } from './tracker.ts'
import type { Tracker } from './types.ts'

/** What a page may put in the place of the tracker before it is there, to keep calls until it is. */
export interface TrackerQueue {
  /** Calls in order, each as the name of the method and its arguments. */
  q: unknown[]
}

/** Where the tracker is put: the page's `window`. */
export interface TrackerHost {
  tidemark?: unknown
}

/**
 * Starts the tracker of a script tag and puts it in `window.tidemark`. A page that wants to call it
 * earlier than that puts this before the tag:
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
    return warn('The script is here twice; the second one does nothing.')
  }
  const settings = script && parseSettings(script.dataset, script.src)
  if (!settings) return warn('Nothing is tracked: add data-site="my-site" to the script tag.')
  const tracker = createTracker(settings)
  host.tidemark = tracker
  const calls: unknown = isObject(early) && early.q
  if (isList(calls)) for (const call of calls) replay(tracker, call)
}

/** Makes a call that came early. What it passes is checked where any call is. */
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
  // oxlint-disable-next-line no-console -- whoever pastes the tag looks there
  console.warn(`[tidemark] ${message}`)
}
