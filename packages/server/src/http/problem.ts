import { type ErrorCode, type Problem, type ResetReason, errors } from '@tidemark/protocol'
import { noSniffHeaders } from './no-sniff.ts'

export interface ProblemOptions {
  /** The mistake in this request and its remedy. @default the remedy in the protocol's catalog */
  detail?: string
  /** Reason of a `cursor_gone`. */
  reason?: ResetReason
  headers?: Record<string, string>
}

/** The bodies of error answers, for `problemOf`. */
const problems = new WeakMap<Response, Problem>()

/** Returns the body of an answer that `problem` has created. */
export function problemOf(response: Response): Problem | undefined {
  return problems.get(response)
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
  const response = new Response(JSON.stringify(body), { status, headers })
  problems.set(response, body)
  return response
}
