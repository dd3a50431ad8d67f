import { type ErrorCode, type Problem, type ResetReason, errors } from '@tidemark/protocol'

export interface ProblemOptions {
  /** What was wrong with this request in particular and what to do, in place of the catalog's remedy. */
  detail?: string
  /** With `cursor_gone`. */
  reason?: ResetReason
  headers?: Record<string, string>
}

/** An error answer as RFC 9457 has it, never stored by any cache. */
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
    ...options.headers,
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
  }
  return new Response(JSON.stringify(body), { status, headers })
}
