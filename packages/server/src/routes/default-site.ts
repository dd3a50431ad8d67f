import { isObject } from '@tidemark/protocol'
import type { MiddlewareHandler } from 'hono'
import { createOpenAnswer } from '../http/cors.ts'
import { cachingOf } from '../http/privacy.ts'
import { problem } from '../http/problem.ts'
import type { Connections } from '../live/connections.ts'
import { type MessageLog, createMessageLog } from '../live/message-log.ts'
import type { Stream } from '../live/stream.ts'
import { parseCountsQuery, readCounts, writeCounts } from '../query/event-counts.ts'
import { startOfBucket } from '../query/granularity.ts'
import type { Clock } from '../shared/clock.ts'
import { runCooperatively } from '../shared/scheduling.ts'
import {
  type RouteContext,
  type RouteEnv,
  type RouteHandler,
  ownerOf,
  streamOf,
} from './context.ts'
import { createBatchParser, createEventParser, describeRejection } from './default-site-body.ts'
import type { AcceptRequest } from './event-intake.ts'
import { answerHeaders } from './events.ts'
import type { MetricsAnswerer } from './metrics.ts'
import type { Proxies } from './proxies.ts'

/*
 * The endpoints without a site in their path. They are for clients of the usual event API of web analytics, and answer
 * for the default site. docs/default-site.md has their shapes.
 */

/** Messages that `dashboard/stream` has in memory, for each least count of its readers. */
const messageBounds = { maxMessages: 1000, maxLength: 2 ** 20 }

/** Header with the index of the next message, for readers that missed messages. */
const nextIndexHeader = 'X-Next-Index'

export interface DefaultSiteOptions {
  clock: Clock
  connections: Pick<Connections, 'limiter'>
  proxies: Pick<Proxies, 'addressOf'>
  queries: MetricsAnswerer
  accept: AcceptRequest
}

/** Handlers of the endpoints of the default site, by their paths. */
export interface DefaultSiteHandlers {
  readonly event: RouteHandler
  readonly batch: RouteHandler
  readonly metrics: RouteHandler
  readonly activeUsers: RouteHandler
  readonly stream: RouteHandler
}

/** Creates the middleware that gives a request its site. It runs first. */
export function createDefaultSite(siteOf: () => string | undefined): MiddlewareHandler<RouteEnv> {
  return async (c, next) => {
    const site = siteOf()
    if (site === undefined) {
      return problem('site_unknown', {
        detail:
          'This server has no default site, because it lists no sites. Start it with `--site`, or use the endpoints ' +
          'below `sites/:site`.',
      })
    }
    c.set('siteId', site)
    return next()
  }
}

export function createDefaultSiteHandlers(options: DefaultSiteOptions): DefaultSiteHandlers {
  const { clock, connections, proxies, queries, accept } = options
  return {
    async event(c) {
      const outcome = await accept(c, createEventParser(c))
      if (outcome instanceof Response) return outcome
      const [rejection] = outcome.rejected
      if (!rejection) return createOpenAnswer(c, '{"status":"accepted"}', 202, answerHeaders)
      return problem('event_rejected', { detail: describeRejection(rejection.code) })
    },
    async batch(c) {
      const outcome = await accept(c, createBatchParser(c))
      if (outcome instanceof Response) return outcome
      const { accepted } = outcome
      return createOpenAnswer(c, JSON.stringify({ accepted }), 202, answerHeaders)
    },
    metrics(c) {
      const { id, state, availableFrom, damagedIn } = c.get('site')
      const { access, caching } = c.get('authorization')
      const history = { ...state.history, availableFrom, damagedIn }
      const params = new URL(c.req.url).searchParams
      const parsed = parseCountsQuery(params, history, clock.now())
      if (!parsed.ok) return problem(parsed.code, { detail: parsed.message })
      const { query } = parsed
      const job = {
        key: JSON.stringify(['counts', id, query, access.minCount]),
        isHeavy: true,
        write: writeCounts.bind(undefined, history, query, access.minCount),
      }
      return queries.run(job, c.req.raw, { ...ownerOf(c, proxies), caching })
    },
    activeUsers(c) {
      return c.json(
        { activeUsers: activeUsersOf(c) },
        { headers: { ...cachingOf(c.get('authorization').caching) } },
      )
    },
    stream: createMessagesHandler(clock, site => connections.limiter.countOfSite(site)),
  }
}

/** The messages for the readers with one least count. */
interface Updates {
  readonly log: MessageLog
  /** Counted events of the site that earlier messages include. */
  counted: number
}

/**
 * Creates the handler of `dashboard/stream`. A request adds a message when the site has counted events since the last
 * message. A server without readers therefore does no work for messages.
 */
function createMessagesHandler(clock: Clock, countClients: (site: string) => number): RouteHandler {
  const updatesOf = new WeakMap<Stream, Updates>()

  function open(stream: Stream): Updates {
    const known = updatesOf.get(stream)
    if (known) return known
    const created = { log: createMessageLog(messageBounds), counted: 0 }
    updatesOf.set(stream, created)
    return created
  }

  return async c => {
    const text = c.req.query('since') ?? '0'
    if (!/^\d{1,15}$/.test(text)) {
      return problem('query_invalid', {
        detail: 'since: must be a whole number, the index after the last message that you read.',
      })
    }
    const { id, state } = c.get('site')
    const updates = open(streamOf(c))
    const batchSize = state.countedEvents - updates.counted
    if (batchSize > 0) {
      // Before the first `await`: of two requests at the same time, one adds the message.
      updates.counted = state.countedEvents
      updates.log.add(JSON.stringify(await createUpdate(c, clock.now(), batchSize)))
    }
    const messages = updates.log.since(Number(text)).join(',')
    return new Response(`{"messages":[${messages}],"clients":${countClients(id)}}`, {
      headers: {
        'Content-Type': 'application/json',
        'Cache-Control': 'no-store',
        [nextIndexHeader]: String(updates.log.next),
      },
    })
  }
}

async function createUpdate(c: RouteContext, now: number, batchSize: number): Promise<object> {
  const { history } = c.get('site').state
  const { minCount } = c.get('authorization').access
  const activeUsers = activeUsersOf(c)
  const minute = startOfBucket('minute', now, history.zone)
  const currentMinute = await runCooperatively(readCounts(history, 'minute', minute, minCount))
  // The size of a batch must not reveal a count that is hidden.
  const isHidden = minCount > 1 && currentMinute.totalEvents === 0
  const data = { currentMinute, activeUsers, batchSize: isHidden ? 0 : batchSize }
  return { type: 'stats_update', data }
}

/** Returns the published number of active visitors. Small ones may be hidden, as 0. */
function activeUsersOf(c: RouteContext): number {
  const snapshot: unknown = JSON.parse(streamOf(c).snapshotOf(c.get('selection')))
  const count = isObject(snapshot) ? snapshot['currentVisitors'] : undefined
  return typeof count === 'number' ? count : 0
}
