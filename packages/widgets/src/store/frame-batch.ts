/** Page functions that schedule renders; tests replace them. */
export interface FrameTimers {
  /** Passes the start of the frame, in milliseconds on the clock of `now`. `undefined` outside a browser. */
  requestAnimationFrame: ((run: (startedAt: number) => void) => number) | undefined
  cancelAnimationFrame(id: number): void
  setTimeout(run: () => void, delayMs: number): unknown
  clearTimeout(timer: unknown): void
  /** Milliseconds on a clock that never goes back. */
  now(): number
  isHidden(): boolean
}

/** Runs a function at most once per animation frame. */
export interface FrameBatch {
  schedule(): void
  cancel(): void
}

/** A page that becomes hidden after it requested a frame gets no frame until it is visible again. */
const frameTimeoutMs = 250

/** A longer frame is late on a display with 60 frames a second. */
const maxFrameMs = 25
/** Pause after a late frame, as a multiple of its length, and at most. With 12, at least 55 frames a second remain. */
const pauseFactor = 12
const maxPauseMs = 2000

/**
 * Creates a batch that combines calls into one run in the next animation frame. A hidden page has no frames; there, and
 * when a frame does not arrive in time, a timer runs the function.
 *
 * A run that makes its frame late, because the page is large or the device slow, is followed by a pause. The page then
 * stays responsive at any rate of changes.
 */
export function createFrameBatch(run: () => void, timers: FrameTimers): FrameBatch {
  let frame: number | undefined
  let probe: number | undefined
  let timer: unknown
  let pauseEndsAt = 0

  function cancel(): void {
    for (const id of [frame, probe]) if (id !== undefined) timers.cancelAnimationFrame(id)
    if (timer !== undefined) timers.clearTimeout(timer)
    frame = undefined
    probe = undefined
    timer = undefined
  }

  /** @param startedAt start of the animation frame; `undefined` for a timer */
  function flush(startedAt?: number): void {
    cancel()
    // A frame requested before the last one was known to be late.
    if (startedAt !== undefined && pauseEndsAt > timers.now()) return schedule()
    run()
    if (startedAt !== undefined)
      probe = timers.requestAnimationFrame?.(next => rest(next - startedAt))
    // No frame in time: the page is very slow, or does not show this frame of it.
    else if (!timers.isHidden()) rest(frameTimeoutMs)
  }

  /** Pauses after a late frame; the start of the next frame tells its length. */
  function rest(frameMs: number): void {
    probe = undefined
    if (frameMs > maxFrameMs)
      pauseEndsAt = timers.now() + Math.min(frameMs * pauseFactor, maxPauseMs)
  }

  function requestFrame(): void {
    const hasFrames = timers.requestAnimationFrame !== undefined && !timers.isHidden()
    if (hasFrames) frame = timers.requestAnimationFrame?.(flush)
    timer = timers.setTimeout(flush, hasFrames ? frameTimeoutMs : 0)
  }

  function schedule(): void {
    if (frame !== undefined || timer !== undefined) return
    const pauseMs = pauseEndsAt - timers.now()
    if (pauseMs > 0) timer = timers.setTimeout(requestFrame, pauseMs)
    else requestFrame()
  }

  return { cancel, schedule }
}

/** Returns the timers of the page, or of a runtime without one. Reads them at each call: tests replace globals. */
export function pageTimers(): FrameTimers {
  const hasFrames = typeof requestAnimationFrame !== 'undefined'
  return {
    requestAnimationFrame: hasFrames ? run => requestAnimationFrame(run) : undefined,
    cancelAnimationFrame: id => cancelAnimationFrame(id),
    setTimeout: (run, delayMs) => setTimeout(run, delayMs),
    clearTimeout: timer => clearTimeout(timer as number),
    now: () => performance.now(),
    isHidden: () => globalThis.document?.hidden ?? false,
  }
}
