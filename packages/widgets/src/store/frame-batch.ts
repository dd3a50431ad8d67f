/** The part of the page that paces redraws; a test hands in its own. */
export interface FrameTimers {
  /** Absent outside of a browser. */
  requestAnimationFrame: ((run: () => void) => number) | undefined
  cancelAnimationFrame: ((id: number) => void) | undefined
  setTimeout(run: () => void, delayMs: number): unknown
  clearTimeout(timer: unknown): void
  isHidden(): boolean
}

/** Runs a function at most once an animation frame, however often it is asked to. */
export interface FrameBatch {
  schedule(): void
  cancel(): void
}

/** A page that was hidden after it asked for a frame gets none until it is shown again. */
const frameGuardMs = 250

/**
 * Collects calls into one run in the next animation frame. A hidden page has no frames, so there, and
 * where a frame does not come, a timer runs the function instead.
 */
export function createFrameBatch(run: () => void, timers: FrameTimers = pageTimers()): FrameBatch {
  let frame: number | undefined
  let timer: unknown

  function cancel(): void {
    if (frame !== undefined) timers.cancelAnimationFrame?.(frame)
    if (timer !== undefined) timers.clearTimeout(timer)
    frame = undefined
    timer = undefined
  }

  function flush(): void {
    cancel()
    run()
  }

  return {
    cancel,
    schedule() {
      if (frame !== undefined || timer !== undefined) return
      const hasFrames = timers.requestAnimationFrame !== undefined && !timers.isHidden()
      if (hasFrames) frame = timers.requestAnimationFrame?.(flush)
      timer = timers.setTimeout(flush, hasFrames ? frameGuardMs : 0)
    },
  }
}

function pageTimers(): FrameTimers {
  return {
    requestAnimationFrame: globalThis.requestAnimationFrame?.bind(globalThis),
    cancelAnimationFrame: globalThis.cancelAnimationFrame?.bind(globalThis),
    setTimeout: (run, delayMs) => globalThis.setTimeout(run, delayMs),
    clearTimeout: timer => globalThis.clearTimeout(timer as number),
    isHidden: () => globalThis.document?.hidden ?? false,
  }
}
