import process from 'node:process'
import { format } from 'node:util'
import { afterAll, afterEach } from 'vitest'

/**
 * Fails a test that writes an unexpected warning, with the text of the warning. Runs before every test file
 * (`setupFiles`). A warning while a file loads, or after its last test, fails the file.
 */

interface Warning {
  readonly text: string
  /** Created at the call that warned, so that the failure points there. */
  readonly error: Error
}

const warnings: Warning[] = []
const expected: RegExp[] = []

/**
 * Declares that the running test writes this warning with `console.warn`, `console.error` or
 * `process.emitWarning`, once or more, before or after this call. The test also fails if the warning never
 * comes. Tests that run concurrently within one file share their declarations.
 * @param pattern matches anywhere in the text, which is formatted as on the console
 */
export function expectWarning(pattern: RegExp): void {
  expected.push(pattern)
}

/** Uses `search` instead of `test`: a global pattern keeps its last position in `test`. */
function matches(pattern: RegExp, { text }: Warning): boolean {
  return text.search(pattern) !== -1
}

function recordConsole(method: 'warn' | 'error'): void {
  console[method] = function record(...parts: unknown[]) {
    const error = new Error()
    Error.captureStackTrace(error, record)
    warnings.push({ text: format(...parts), error })
  }
}

function recordWarning(error: Error): void {
  // Node warns about `node:sqlite` at every start.
  if (error.name !== 'ExperimentalWarning') warnings.push({ text: String(error), error })
}

/** Fails on unexpected and on missing warnings, then forgets both. */
function verifyWarnings(): void {
  const unexpected = warnings.filter(line => !expected.some(pattern => matches(pattern, line)))
  const missing = expected.filter(pattern => !warnings.some(line => matches(pattern, line)))
  warnings.length = 0
  expected.length = 0
  const [first] = unexpected
  if (first) {
    first.error.message = `Unexpected warning: ${unexpected.map(line => line.text).join('\n')}`
    throw first.error
  }
  if (missing.length > 0) throw new Error(`Missing warning: ${missing.join()}`)
}

recordConsole('warn')
recordConsole('error')
process.on('warning', recordWarning)

// Files that share a worker run this set-up once each. Hooks run in reverse order, so this one comes last.
afterAll(() => {
  process.off('warning', recordWarning)
})
// Hooks of a set-up file run after those of the tests, so warnings of their clean-up count as well.
afterEach(verifyWarnings)
afterAll(verifyWarnings)
