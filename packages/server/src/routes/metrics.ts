import type { Clock } from '../shared/clock.ts'
import { cachingOf } from '../http/privacy.ts'
import { problem } from '../http/problem.ts'
import { type History, readMetrics } from '../query/metrics-answer.ts'
import { parseMetricsQuery } from '../query/parse-query.ts'
import type { RouteHandler } from './context.ts'

/** Creates `GET metrics`: the history of a site by seconds, minutes, hours or days. */
export function createMetricsRoute(clock: Clock): RouteHandler {
  return c => {
    const { state, availableFrom } = c.get('site')
    return answerMetrics({ ...state.history, availableFrom }, c.req.raw, clock.now())
  }
}

/** Parses the query, and answers it from a site's history. */
export async function answerMetrics(
  history: History,
  request: Request,
  now: number,
): Promise<Response> {
  const { zone, bounds } = history
  const availableFrom = {
    second: now - bounds.secondsMs,
    minute: history.availableFrom('minute'),
    hour: history.availableFrom('hour'),
    day: history.availableFrom('day'),
  }
  const parsed = parseMetricsQuery(new URL(request.url).searchParams, { zone, now, availableFrom })
  if (!parsed.ok) return problem('query_invalid', { detail: parsed.message })
  return Response.json(await readMetrics(history, parsed.query, now), {
    headers: cachingOf('private'),
  })
}
