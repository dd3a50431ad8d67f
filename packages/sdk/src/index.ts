export type { ViewOptions } from './tracker/page-views.ts'
export type { Page, PageSignal, TrackerPlatform } from './tracker/platform.ts'
export { createTracker } from './tracker/tracker.ts'
export type { Tracker, TrackerCounts, TrackerOptions, TrackOptions } from './tracker/types.ts'
