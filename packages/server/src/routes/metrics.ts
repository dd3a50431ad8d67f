import { toHistoryView } from '../guard/figures.ts'
import { type Privacy, cachingOf } from '../http/privacy.ts'
import { problem } from '../http/problem.ts'
import {
  AnswerTooLargeError,
  type AnswerWriter,
  createAnswerWriter,
  maxAnswerBytes,
} from '../query/answer-writer.ts'
import type { History } from '../query/metrics-answer.ts'
import { type ExportFormat, exportName, writeExport } from '../query/export.ts'
import type { AnswerView, MetricsQuery } from '../query/metrics-query.ts'
import { parseFormat, parseMetricsQuery } from '../query/parse-query.ts'
import { answerTooLarge } from '../query/query-messages.ts'
import { type QueryCounts, type QueryLimits, createQueryQueue } from '../query/query-queue.ts'
import { writeAnswer } from '../query/write-answer.ts'
import type { Clock } from '../shared/clock.ts'
import type { CooperativeTask } from '../shared/cooperative-task.ts'
import { networkOf } from '../shared/network.ts'
import { type RouteContext, type RouteHandler, ownerOf } from './context.ts'
import { createExportAnswerer } from './export.ts'
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

const exportTypes: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
}

/** The client of a query. */
export interface MetricsClient {
  readonly site: string
  readonly address: string
  /** @default everything */
  readonly view?: AnswerView
  /** @default 'private' */
  readonly caching?: Privacy
}

/** Answers history queries, with limits for all of them. */
export interface MetricsAnswerer {
  /** @param client the site, the address of the client, and the parts of the answer that the client may read */
  answer(history: History, request: Request, client: MetricsClient): Promise<Response>
  /** Runs another query within the same limits. */
  run(job: QueryJob, request: Request, client: MetricsClient): Promise<Response>
  /** Queries by cost: `heavy` ones have rows in their buckets. */
  readonly counts: { readonly light: QueryCounts; readonly heavy: QueryCounts }
}

/** A query for the queue. */
export interface QueryJob {
  /** Equal keys have equal answers. */
  readonly key: string
  /** Whether it reads rows of each bucket. */
  readonly isHeavy: boolean
  write(writer: AnswerWriter): CooperativeTask<void>
}

/** Creates `GET metrics`: the history of a site by seconds, minutes, hours or days. */
export function createMetricsRoute(
  answerer: MetricsAnswerer,
  proxies: Pick<Proxies, 'addressOf'>,
): RouteHandler {
  return c => {
    const { state, availableFrom, damagedIn } = c.get('site')
    return answerer.answer({ ...state.history, availableFrom, damagedIn }, c.req.raw, {
      ...ownerOf(c, proxies),
      view: viewOf(c),
      caching: c.get('authorization').caching,
    })
  }
}

/** Returns the parts of an answer that a reader may read. */
function viewOf(c: RouteContext): AnswerView {
  const { access, figures } = c.get('authorization')
  const view = figures?.kind === 'history' ? toHistoryView(access, figures) : 'no history'
  if (typeof view === 'string') throw new Error(`The route was not authorized: ${view}`)
  return view
}

export function createMetricsAnswerer(clock: Clock): MetricsAnswerer {
  const light = createQueryQueue<JsonAnswer>(lightLimits)
  const heavy = createQueryQueue<JsonAnswer>(heavyLimits)
  const sender = createAnswerSender(clock)
  const answerExport = createExportAnswerer(clock)

  function exportHistory(
    history: History,
    query: MetricsQuery,
    format: ExportFormat,
    { site, caching = 'private' }: MetricsClient,
  ): Response {
    const name = exportName(site, query, format, history.zone)
    return answerExport({
      site,
      headers: {
        ...cachingOf(caching),
        'Content-Type': exportTypes[format],
        'Content-Disposition': `attachment; filename="${name}"`,
      },
      write: writer => writeExport(history, query, format, clock.now(), writer),
    })
  }

  return {
    get counts() {
      return { light: light.counts, heavy: heavy.counts }
    },
    async answer(history, request, client) {
      const parsed = parse(history, request, clock.now(), client.view)
      if (!parsed.ok) return problem(parsed.code, { detail: parsed.message })
      const { query } = parsed
      const format = parseFormat(new URL(request.url).searchParams)
      if (!format.ok) return problem(format.code, { detail: format.message })
      if (format.format !== 'json') return exportHistory(history, query, format.format, client)
      const job: QueryJob = {
        // The query has the view, so readers with other rights get no answer of each other.
        key: JSON.stringify([client.site, query]),
        isHeavy: query.bucketRows !== undefined,
        write: writer => writeAnswer(history, query, clock.now(), writer),
      }
      return this.run(job, request, client)
    },
    async run(job, request, { site, address, caching = 'private' }) {
      const queue = job.isHeavy ? heavy : light
      const running = queue.run({
        ...{ site, network: networkOf(address), signal: request.signal },
        key: job.key,
        start: () => computeAnswer(job),
      })
      if (!running) return tooManyQueries()
      try {
        const response = await sender.send(await running, request, cachingOf(caching))
        return response ?? tooManyQueries()
      } catch (error) {
        if (error instanceof AnswerTooLargeError) {
          const detail = answerTooLarge(maxAnswerBytes, job.isHeavy)
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
  view: AnswerView | undefined,
): ReturnType<typeof parseMetricsQuery> {
  const available = {
    second: now - bounds.secondsMs,
    minute: availableFrom('minute'),
    hour: availableFrom('hour'),
    day: availableFrom('day'),
  }
  return parseMetricsQuery(new URL(url).searchParams, { zone, now, availableFrom: available }, view)
}

function* computeAnswer(job: QueryJob): CooperativeTask<JsonAnswer> {
  const writer = createAnswerWriter()
  yield* job.write(writer)
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
