/** Page functions that schedule renders; tests replace them. */
export interface FrameTimers {
  /** `undefined` outside a browser. */
  requestAnimationFrame: ((run: () => void) => number) | undefined
  cancelAnimationFrame(id: number): void
  setTimeout(run: () => void, delayMs: number): unknown
  clearTimeout(timer: unknown): void
  isHidden(): boolean
}

/** Runs a function at most once per animation frame. */
export interface FrameBatch {
  schedule(): void
  cancel(): void
}

/** A page that becomes hidden after it requested a frame gets no frame until it is visible again. */
const frameTimeoutMs = 250

/**
 * Creates a batch that combines calls into one run in the next animation frame. A hidden page has no
 * frames; there, and when a frame does not arrive in time, a timer runs the function.
 */
export function createFrameBatch(run: () => void, timers: FrameTimers): FrameBatch {
  let frame: number | undefined
  let timer: unknown

  function cancel(): void {
    if (frame !== undefined) timers.cancelAnimationFrame(frame)
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
      timer = timers.setTimeout(flush, hasFrames ? frameTimeoutMs : 0)
    },
  }
}

/** Returns the timers of the page, or of a runtime without one. Reads them at each call: tests replace globals. */
export function pageTimers(): FrameTimers {
  const hasFrames = typeof requestAnimationFrame !== 'undefined'
  return {
    requestAnimationFrame: hasFrames ? run => requestAnimationFrame(run) : undefined,
    cancelAnimationFrame: id => cancelAnimationFrame(id),
    setTimeout: (run, delayMs) => setTimeout(run, delayMs),
    clearTimeout: timer => clearTimeout(timer as number),
    isHidden: () => globalThis.document?.hidden ?? false,
  }
}
