import type { Capture } from '../tracker/capture-context.ts'

/** Largest number of errors of a page. A loop can throw without end. */
const maxErrors = 20

/**
 * Tracks `js_error` for exceptions and rejected promises that nobody caught, with the properties `message`, `source`
 * (file without query, line and column) and `kind` (`error` or `unhandledrejection`). The same error counts once a page.
 */
export function errors(): Capture {
  return ({ listen, record }) => {
    const seen = new Set<string>()

    function report(message: string, source: string | undefined, kind: string): void {
      const id = `${message} ${source}`
      if (seen.has(id) || seen.size >= maxErrors) return
      seen.add(id)
      record('js_error', { message, source, kind })
    }

    listen(window, 'error', event => {
      // A resource that fails to load has no message.
      if (!(event instanceof ErrorEvent)) return
      const { message, filename, lineno, colno } = event
      report(message, filename && `${withoutQuery(filename)}:${lineno}:${colno}`, 'error')
    })
    listen(window, 'unhandledrejection', event => {
      const reason: unknown = 'reason' in event ? event.reason : undefined
      report(String(reason), undefined, 'unhandledrejection')
    })
  }
}

function withoutQuery(url: string): string {
  return url.replace(/[?#].*/, '')
}
