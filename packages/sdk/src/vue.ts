import { type App, type InjectionKey, type Plugin, inject } from 'vue'
import { isObject } from './shared/is-object.ts'
import { createTracker } from './tracker/tracker.ts'
import type { AnyEvents, EventMap, Tracker, TrackerOptions } from './tracker/types.ts'

const trackerKey: InjectionKey<Tracker> = Symbol('tidemark tracker')

/**
 * Starts a tracker with a Vue app and stops it with the app. Page views of Vue Router are tracked by themselves. On a
 * server, nothing is sent.
 *
 * @example
 * app.use(tidemarkTracker, { siteId: 'my-site', baseUrl: 'https://stats.example.com/api' })
 */
export const tidemarkTracker: Plugin<[TrackerOptions]> = {
  install(app: App, options: TrackerOptions) {
    const tracker = createTracker(options)
    if (typeof document === 'undefined') tracker.stop()
    app.provide(trackerKey, tracker)
    app.onUnmount(() => tracker.stop())
  },
}

/**
 * Returns the tracker of the app.
 * @throws {Error} if the app does not use `tidemarkTracker`
 */
export function useTracker<Events extends EventMap<Events> = AnyEvents>(): Tracker<Events> {
  const tracker: unknown = inject(trackerKey)
  if (isTracker<Events>(tracker)) return tracker
  throw new Error('useTracker: the app needs app.use(tidemarkTracker, { siteId, baseUrl }).')
}

/** Declares the events of the app's tracker. They exist in types alone. */
function isTracker<Events extends EventMap<Events>>(value: unknown): value is Tracker<Events> {
  return isObject(value)
}
