export type { Capture, CaptureContext, EventHook, Listen } from './tracker/capture-context.ts'
export type { CleanEvent } from './tracker/event.ts'
export type { ViewOptions } from './tracker/page-views.ts'
export { createTracker } from './tracker/tracker.ts'
export type {
  AnyEvents,
  EventMap,
  Tracker,
  TrackerCounts,
  TrackerOptions,
  TrackerState,
  TrackOptions,
} from './tracker/types.ts'
