import type { BatchVerdict } from '@tidemark/protocol'
import type { Context } from 'hono'
import { createOpenAnswer } from '../http/cors.ts'
import type { Intake } from '../ingest/decide.ts'
import type { RouteHandler } from './context.ts'
import type { AcceptRequest } from './event-intake.ts'

/** Creates `POST events`: 202 with a verdict, once every accepted event is durable. */
export function createEventsRoute(accept: AcceptRequest): RouteHandler {
  return async c => {
    const outcome = await accept(c)
    return outcome instanceof Response ? outcome : toAnswer(c, outcome)
  }
}

function toAnswer(c: Context, { decision, events, signals }: Intake): Response {
  const verdict: BatchVerdict = {
    accepted: events.length + signals.length,
    rejected: [...decision.rejected],
  }
  return createOpenAnswer(c, JSON.stringify(verdict), 202, answerHeaders)
}

/** Headers of an answer to a sender. */
export const answerHeaders = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }
