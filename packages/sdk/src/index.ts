export type { ViewOptions } from './page-views.ts'
export type { Page, PageSignal, Platform } from './platform.ts'
export { createTracker } from './tracker.ts'
export type { Tracker, TrackerCounts, TrackerOptions, TrackOptions } from './types.ts'
