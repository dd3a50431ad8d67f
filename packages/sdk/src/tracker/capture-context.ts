import type { CleanEvent } from './event.ts'
import type { Store } from './store.ts'

/** Adds automatic events to a tracker. */
export type Capture = (context: CaptureContext) => void

/** Adds a listener, in the capture phase, that ends with the tracker. Its exceptions never reach the page. */
export type Listen = (
  target: EventTarget,
  type: string,
  listener: (event: Event) => unknown,
) => void

/** The tracker as automatic events see it. */
export interface CaptureContext {
  /**
   * Records an automatic event of the current view. It shows no new activity of the visitor: the server does not let
   * it end a bounce.
   */
  record(name: string, properties?: object, value?: number): void
  /** Records an event of the site. */
  track(name: unknown, properties?: object, options?: { value?: unknown }): void
  listen: Listen
  /** Milliseconds by a clock that never jumps. */
  now(): number
  /**
   * Calls a function with each event before it is stored or sent, heartbeats and leaves included. The function returns
   * the event, which may be changed. Anything else, or an exception, drops the event. The function that was added last
   * runs first, and the option `beforeSend` runs last.
   */
  onEvent(hook: EventHook): void
  /** Calls a function when the view ends or the page is hidden, possibly for the last time. */
  onPause(run: () => void): void
  /** Fields of each batch besides its events. */
  readonly facts: Record<string, unknown>
  /** The storage of the site. */
  readonly store: Store
  /** Whether the storage may be used. */
  isDurable(): boolean
}

export type EventHook = (event: CleanEvent) => CleanEvent | null | undefined | false | void
