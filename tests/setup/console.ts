import process from 'node:process'
import { format } from 'node:util'
import { afterAll, afterEach } from 'vitest'

/**
 * A warning that nobody expected fails the test that was running, with its text. Runs before every
 * test file (`setupFiles`); what a file says while it loads, or after its last test, fails the file.
 */

interface Heard {
  readonly text: string
  /** Made where the warning was given, so that a failure points there. */
  readonly error: Error
}

const heard: Heard[] = []
const expected: RegExp[] = []

/**
 * Declares that the test that is running will say this with `console.warn`, `console.error` or
 * `process.emitWarning`, once or more, before or after this call. A test whose warning never comes
 * fails too. Tests that run concurrently within one file share their declarations.
 * @param pattern matches anywhere in the text, which is formatted as the console would
 */
export function expectWarning(pattern: RegExp): void {
  expected.push(pattern)
}

/** `search` and not `test`, which remembers where a global pattern matched last. */
function matches(pattern: RegExp, { text }: Heard): boolean {
  return text.search(pattern) !== -1
}

function listen(method: 'warn' | 'error'): void {
  console[method] = function said(...parts: unknown[]) {
    const error = new Error()
    Error.captureStackTrace(error, said)
    heard.push({ text: format(...parts), error })
  }
}

/** Fails on what was said and not expected, or expected and not said, and forgets both. */
function settle(): void {
  const surprises = heard.filter(line => !expected.some(pattern => matches(pattern, line)))
  const missing = expected.filter(pattern => !heard.some(line => matches(pattern, line)))
  heard.length = 0
  expected.length = 0
  const [first] = surprises
  if (first) {
    first.error.message = `Said on the console: ${surprises.map(line => line.text).join('\n')}`
    throw first.error
  }
  if (missing.length > 0) throw new Error(`Expected on the console, never said: ${missing.join()}`)
}

listen('warn')
listen('error')
process.on('warning', error => {
  // Node says so of `node:sqlite` on every start; it tells nothing about our code.
  if (error.name !== 'ExperimentalWarning') heard.push({ text: String(error), error })
})

// Hooks of a set-up file run after those of the tests, so what their clean-up says is heard as well.
afterEach(settle)
afterAll(settle)
