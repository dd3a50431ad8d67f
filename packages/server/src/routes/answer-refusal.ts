import type { ErrorCode } from '@tidemark/protocol'
import type { Refusal } from '../guard/authorization.ts'
import { challengeOf } from '../guard/challenge.ts'
import { problem } from '../http/problem.ts'

/** Wait of a client when `authorize` did not answer, in seconds. */
const authorizeRetrySeconds = 10

function retryOf(code: ErrorCode): Record<string, string> {
  return code === 'authorize_timeout' ? { 'Retry-After': String(authorizeRetrySeconds) } : {}
}

/** Answers a request that the access rules refuse. */
export function answerRefusal({ code, detail }: Refusal): Response {
  return problem(code, {
    ...(detail !== undefined && { detail }),
    headers: { ...challengeOf(code), ...retryOf(code) },
  })
}
