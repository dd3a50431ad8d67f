import { problem } from '../http/problem.ts'

/** Wait of a reader that exceeds a connection limit, in seconds. */
const retryAfterSeconds = 30

/** Answers a reader that exceeds a connection limit. */
export function tooManyConnections(): Response {
  return problem('too_busy', {
    detail:
      'This site, or your address, has as many open connections as the server allows. ' +
      'Try again after the seconds in Retry-After.',
    headers: { 'Retry-After': String(retryAfterSeconds) },
  })
}
