import { cachingOf } from '../http/privacy.ts'
import { problem } from '../http/problem.ts'
import { AnswerTooLargeError, createAnswerWriter, maxAnswerBytes } from '../query/answer-writer.ts'
import type { History } from '../query/metrics-answer.ts'
import type { MetricsQuery } from '../query/metrics-query.ts'
import { parseMetricsQuery } from '../query/parse-query.ts'
import { answerTooLarge } from '../query/query-messages.ts'
import { type QueryLimits, createQueryQueue } from '../query/query-queue.ts'
import { writeAnswer } from '../query/write-answer.ts'
import type { Clock } from '../shared/clock.ts'
import type { CooperativeTask } from '../shared/cooperative-task.ts'
import { networkOf } from '../shared/network.ts'
import { type RouteHandler, ownerOf } from './context.ts'
import type { Proxies } from './proxies.ts'
import { type JsonAnswer, createAnswerSender, createJsonAnswer } from './send-answer.ts'

/** Limits of queries without rows in their buckets. They read few stored buckets, or only totals. */
const lightLimits: QueryLimits = {
  maxRunning: 4,
  maxRunningPerSite: 1,
  maxWaitingPerSite: 256,
  maxPerNetwork: 64,
}

/** Limits of queries with rows in their buckets. They read the rows of each bucket, which may take seconds. */
const heavyLimits: QueryLimits = {
  maxRunning: 2,
  maxRunningPerSite: 1,
  maxWaitingPerSite: 32,
  maxPerNetwork: 16,
}

/** Wait of a client when there are too many queries, in seconds. */
const retryAfterSeconds = 5

/** Answers history queries, with limits for all of them. */
export interface MetricsAnswerer {
  /** @param client the site, and the address of the client */
  answer(
    history: History,
    request: Request,
    client: { site: string; address: string },
  ): Promise<Response>
}

/** Creates `GET metrics`: the history of a site by seconds, minutes, hours or days. */
export function createMetricsRoute(
  clock: Clock,
  proxies: Pick<Proxies, 'addressOf'>,
): RouteHandler {
  const answerer = createMetricsAnswerer(clock)
  return c => {
    const { state, availableFrom, damagedIn } = c.get('site')
    return answerer.answer(
      { ...state.history, availableFrom, damagedIn },
      c.req.raw,
      ownerOf(c, proxies),
    )
  }
}

export function createMetricsAnswerer(clock: Clock): MetricsAnswerer {
  const light = createQueryQueue<JsonAnswer>(lightLimits)
  const heavy = createQueryQueue<JsonAnswer>(heavyLimits)
  const sender = createAnswerSender(clock)

  return {
    async answer(history, request, { site, address }) {
      const parsed = parse(history, request, clock.now())
      if (!parsed.ok) return problem(parsed.code, { detail: parsed.message })
      const { query } = parsed
      const queue = query.bucketRows ? heavy : light
      const running = queue.run({
        ...{ site, network: networkOf(address), signal: request.signal },
        key: JSON.stringify([site, query]),
        start: () => computeAnswer(history, query, clock.now()),
      })
      if (!running) return tooManyQueries()
      try {
        const response = await sender.send(await running, request, cachingOf('private'))
        return response ?? tooManyQueries()
      } catch (error) {
        if (error instanceof AnswerTooLargeError) {
          const detail = answerTooLarge(maxAnswerBytes, query.bucketRows !== undefined)
          return problem('query_too_large', { detail })
        }
        // The client has disconnected and reads no answer.
        if (request.signal.aborted) return tooManyQueries()
        throw error
      }
    },
  }
}

function parse(
  { zone, bounds, availableFrom }: History,
  { url }: Request,
  now: number,
): ReturnType<typeof parseMetricsQuery> {
  const available = {
    second: now - bounds.secondsMs,
    minute: availableFrom('minute'),
    hour: availableFrom('hour'),
    day: availableFrom('day'),
  }
  return parseMetricsQuery(new URL(url).searchParams, { zone, now, availableFrom: available })
}

function* computeAnswer(
  history: History,
  query: MetricsQuery,
  now: number,
): CooperativeTask<JsonAnswer> {
  const writer = createAnswerWriter()
  yield* writeAnswer(history, query, now, writer)
  return createJsonAnswer(writer.finish())
}

function tooManyQueries(): Response {
  return problem('too_busy', {
    detail:
      'This site, or your address, has as many open history queries as the server allows. ' +
      'Try again after the seconds in Retry-After.',
    headers: { 'Retry-After': String(retryAfterSeconds) },
  })
}
