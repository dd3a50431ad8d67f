import type { ErrorCode } from '@tidemark/protocol'
import type { Clock } from '../shared/clock.ts'
import { ServerWarning, type WarningKind } from '../shared/server-warning.ts'
import { toErrorFields } from './error-fields.ts'
import { type LineLimiter, createLineLimiter } from './line-limiter.ts'
import type { Logger } from './logger.ts'

/** Internal errors with a line of their own in each minute. */
const errorsPerMinute = 30

/** The same for warnings, which differ in their fields. @default 1 */
const warningsPerMinute: ReadonlyMap<WarningKind, number> = new Map([
  ['clock_jump', 10],
  ['damage', 20],
  ['configuration', 20],
])

/** An answer with an error. */
export interface Refusal {
  code: ErrorCode
  status: number
  /** Pattern of the path, never the path itself. */
  route: string
  requestId: string
}

/** Counts since the server started, for metrics. */
export interface ReportCounts {
  /** Answers with an error, by code and then by route. */
  readonly refusals: ReadonlyMap<ErrorCode, ReadonlyMap<string, number>>
  readonly warnings: ReadonlyMap<WarningKind, number>
  /** Jumps of the machine's clock. */
  readonly clockJumps: { readonly forward: number; readonly back: number }
  readonly internalErrors: number
  readonly slowTurns: number
}

/** Reports conditions, errors and refusals of a server: in the log, to `onError`, and as counts. */
export interface Reporter {
  /** Reports a `ServerWarning`, or an internal error. */
  readonly report: (error: unknown, requestId?: string) => void
  refused(refusal: Refusal): void
  slowTurn(ms: number): void
  /** Writes a line about the course of the server, such as its start. */
  note(kind: string, fields: object, message: string): void
  readonly counts: ReportCounts
  /** Writes the summaries of the last minute. */
  close(): void
}

export interface ReporterOptions {
  logger: Logger
  clock: Pick<Clock, 'after'>
  /** Receives errors as they are, and the first warning of a kind in a minute. @default none */
  onError?: ((error: unknown) => void) | undefined
}

export function createReporter({ logger, clock, onError = () => {} }: ReporterOptions): Reporter {
  const limiter = createLineLimiter(clock)
  const write = guarded(logger)
  const refusals = new Map<ErrorCode, Map<string, number>>()
  const warnings = new Map<WarningKind, number>()
  const counts = {
    refusals,
    warnings,
    clockJumps: { forward: 0, back: 0 },
    internalErrors: 0,
    slowTurns: 0,
  }
  let longestMs = 0

  function warn(warning: ServerWarning): void {
    const { kind, fields, message } = warning
    add(warnings, kind)
    if (kind === 'clock_jump') counts.clockJumps[Number(fields['byMs']) > 0 ? 'forward' : 'back']++
    limiter.add({
      kind: `${kind} ${String(fields['limit'] ?? '')}`,
      burst: warningsPerMinute.get(kind) ?? 1,
      write() {
        write('warn', { kind, ...fields }, message)
        onError(warning)
      },
      writeSummary: count => write('warn', { kind, ...fields, count }, again(message, count)),
    })
  }

  function reportError(error: unknown, requestId: string | undefined): void {
    counts.internalErrors++
    onError(error)
    const kind = 'internal_error'
    const message = 'An internal error occurred.'
    limiter.add({
      kind,
      burst: errorsPerMinute,
      write: () =>
        write('error', { kind, ...(requestId && { requestId }), ...toErrorFields(error) }, message),
      writeSummary: count => write('error', { kind, count }, again(message, count)),
    })
  }

  return {
    counts,
    report(error, requestId) {
      if (error instanceof ServerWarning) warn(error)
      else reportError(error, requestId)
    },
    refused: refusal => {
      countRefusal(refusals, refusal)
      if (refusal.code !== 'internal') writeRefusal(limiter, write, refusal)
    },
    slowTurn(ms) {
      counts.slowTurns++
      longestMs = Math.max(longestMs, ms)
      const kind = 'slow_turn'
      limiter.add({
        kind,
        write() {
          longestMs = 0
          write('warn', { kind, ms }, `A turn of the event loop took ${ms} ms.`)
        },
        writeSummary(count) {
          const message = `${count} more turns of the event loop were slow; the longest took ${longestMs} ms.`
          write('warn', { kind, ms: longestMs, count }, message)
          longestMs = 0
        },
      })
    },
    note: (kind, fields, message) => write('info', { kind, ...fields }, message),
    close: limiter.close,
  }
}

type Level = 'info' | 'warn' | 'error'
type Write = (level: Level, fields: object, message: string) => void

/** A logger that fails must not fail a request. There is no other place to report it to. */
function guarded(logger: Logger): Write {
  return (level, fields, message) => {
    try {
      logger[level](fields, message)
    } catch {
      // See above.
    }
  }
}

function writeRefusal(limiter: LineLimiter, write: Write, refusal: Refusal): void {
  const { code, status, route, requestId } = refusal
  const kind = 'refused'
  const level = status >= 500 ? 'warn' : 'info'
  limiter.add({
    kind: `${kind} ${code}`,
    write: () =>
      write(
        level,
        { kind, code, status, route, requestId },
        `Refused a request with ${status} ${code}.`,
      ),
    writeSummary: count =>
      write(
        level,
        { kind, code, status, count },
        `Refused ${count} more requests with ${status} ${code} in a minute.`,
      ),
  })
}

function countRefusal(
  refusals: Map<ErrorCode, Map<string, number>>,
  { code, route }: Refusal,
): void {
  const byRoute = refusals.get(code) ?? new Map<string, number>()
  refusals.set(code, byRoute)
  add(byRoute, route)
}

function add<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function again(message: string, count: number): string {
  return `${message} (${count} more times in a minute)`
}
