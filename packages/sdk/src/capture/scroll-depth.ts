import type { Capture } from '../tracker/capture-context.ts'

/**
 * Tracks `scroll_depth`: the lowest visible point of the page so far, from 0 to 100 (percent), when the view ends or the
 * page is hidden. A later event of the same view has a greater value.
 */
export function scrollDepth(): Capture {
  return ({ listen, onEvent, onPause, record }) => {
    let deepest = 0
    let reported = 0
    let isScheduled = false

    function measure(): void {
      isScheduled = false
      const { scrollHeight } = document.documentElement
      if (scrollHeight > 0)
        deepest = Math.max(deepest, Math.min(100, ((scrollY + innerHeight) / scrollHeight) * 100))
    }

    /** Measures in the next frame, when the layout is known anyway. */
    function measureSoon(): void {
      if (isScheduled) return
      isScheduled = true
      requestAnimationFrame(measure)
    }

    listen(document, 'scroll', measureSoon)
    listen(window, 'resize', measureSoon)
    onEvent(event => {
      if (event.name === 'page_view') {
        deepest = reported = 0
        measureSoon()
      }
      return event
    })
    onPause(() => {
      const value = Math.round(deepest)
      if (value > reported) record('scroll_depth', undefined, value)
      reported = Math.max(value, reported)
    })
  }
}
