import { createOpenAnswer } from '../http/cors.ts'
import type { RouteHandler } from './context.ts'
import type { AcceptRequest } from './event-intake.ts'

/** Creates `POST events`: 202 with a verdict, once every accepted event is durable. */
export function createEventsRoute(accept: AcceptRequest): RouteHandler {
  return async c => {
    const verdict = await accept(c)
    if (verdict instanceof Response) return verdict
    return createOpenAnswer(c, JSON.stringify(verdict), 202, answerHeaders)
  }
}

/** Headers of an answer to a sender. */
export const answerHeaders = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }
