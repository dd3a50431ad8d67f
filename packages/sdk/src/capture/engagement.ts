import type { Capture } from '../tracker/capture-context.ts'
import { minEngagementMs } from '../tracker/limits.ts'

/**
 * Tracks `engagement`: the milliseconds for which the view was visible and focused, since the last such event. The
 * sum of the values is the engaged time of the view.
 */
export function engagement(): Capture {
  return ({ listen, now, onPause, record }) => {
    let engagedMs = 0
    let since: number | undefined

    function measure(event?: Event): void {
      if (since !== undefined) engagedMs += now() - since
      since =
        !document.hidden &&
        document.hasFocus() &&
        // Safari does not always report that a page in the back/forward cache is hidden.
        event?.type !== 'pagehide'
          ? now()
          : undefined
    }

    measure()
    for (const type of ['focus', 'blur', 'visibilitychange', 'pageshow', 'pagehide'])
      listen(window, type, measure)
    onPause(() => {
      measure()
      if (engagedMs < minEngagementMs) return
      record('engagement', undefined, engagedMs)
      engagedMs = 0
    })
  }
}
