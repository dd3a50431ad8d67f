import { type ErrorCode, type Problem, type ResetReason, errors } from '@tidemark/protocol'
import { noSniffHeaders } from './no-sniff.ts'

export interface ProblemOptions {
  /** The mistake in this request and its remedy. @default the remedy in the protocol's catalog */
  detail?: string
  /** Reason of a `cursor_gone`. */
  reason?: ResetReason
  headers?: Record<string, string>
}

/** Creates an error answer (RFC 9457) that no cache stores. */
export function problem(code: ErrorCode, options: ProblemOptions = {}): Response {
  const { status, title, remedy } = errors[code]
  const body: Problem = {
    type: 'about:blank',
    status,
    code,
    title,
    detail: options.detail ?? remedy,
    ...(options.reason && { reason: options.reason }),
  }
  const headers = {
    ...noSniffHeaders,
    ...options.headers,
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
  }
  return new Response(JSON.stringify(body), { status, headers })
}
