import { type BatchVerdict, type ErrorCode, limits } from '@tidemark/protocol'
import type { Context, Next } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Clock } from '../shared/clock.ts'
import type { Proxies } from './proxies.ts'
import { createOpenAnswer } from '../http/cors.ts'
import { problem } from '../http/problem.ts'
import { LogUnavailableError } from '../log/log.ts'
import type { Site } from '../sites/site.ts'
import type { Sites } from '../sites/sites.ts'
import { enqueue } from '../shared/scheduling.ts'
import type { GoalsOf } from '../ingest/goals.ts'
import { type Intake, type Sender, decide } from '../ingest/decide.ts'
import { type CountryOf, createCountryOf } from '../ingest/country.ts'
import { parseSenderUserAgent } from '../ingest/crawler.ts'
import { redact } from '../ingest/redact.ts'
import type { DeriveVisitorId } from '../ingest/visitor.ts'
import type { RouteContext, RouteHandler } from './context.ts'

/** Wait of a sender when the log cannot be written, in seconds. */
const retryAfterSeconds = 5

export interface EventsRouteOptions {
  sites: Pick<Sites, 'accept' | 'signal'>
  clock: Clock
  proxies: Proxies
  /** Derives the id of a visitor without one. */
  visitorOf: DeriveVisitorId
  /** @default the country that a trusted CDN sent */
  countryOf?: CountryOf
  /** @default there are no goals */
  goalsOf?: GoalsOf
}

/** Creates `POST events`: 202 with a verdict, once every accepted event is durable. */
export function createEventsRoute(options: EventsRouteOptions): RouteHandler {
  const { sites, clock, proxies, visitorOf, countryOf = createCountryOf({}), goalsOf } = options

  function senderOf(c: RouteContext, site: string, now: number): Sender {
    const userAgent = c.req.header('User-Agent') ?? ''
    const address = proxies.addressOf(c)
    return {
      deriveVisitorId: () => visitorOf(site, address, userAgent, now),
      country: countryOf(proxies.countryOf(c), address),
      ...parseSenderUserAgent(userAgent),
    }
  }

  /** Decides, and resolves once every accepted event is durable and folded. */
  async function accept(c: RouteContext, site: Site, body: string): Promise<Intake | ErrorCode> {
    // No other task runs between here and the log, so records are in the order of their times.
    const receivedAt = clock.now()
    const intake = decide(body, senderOf(c, site.id, receivedAt), receivedAt, goalsOf)
    if (typeof intake === 'string') return intake
    const { decision, events, signals } = intake
    if (events.length > 0) {
      const stored = { body: redact(body), decision: JSON.stringify(decision) }
      await sites.accept({ site: site.id, receivedAt, ...stored }, events)
    }
    if (signals.length > 0 && !decision.isBot) sites.signal(site.id, signals)
    // Counted last, because a client repeats a request that the log refused.
    for (const { code } of decision.rejected) count(site.intake.rejected, code)
    site.intake.clamped += intake.clamped
    return intake
  }

  return async c => {
    const site = c.get('site')
    if (await isTooLarge(c)) return refuse(site, 'body_too_large')
    if ((c.req.header('Content-Encoding') ?? 'identity') !== 'identity') {
      return refuse(site, 'encoding_unsupported')
    }
    const body = await c.req.text()
    try {
      const intake = await enqueue(() => accept(c, site, body))
      return typeof intake === 'string' ? refuse(site, intake) : toAnswer(c, intake)
    } catch (error) {
      if (!(error instanceof LogUnavailableError)) throw error
      return refuse(site, 'log_unavailable', { 'Retry-After': String(retryAfterSeconds) })
    }
  }
}

function refuse(site: Site, code: ErrorCode, headers?: Record<string, string>): Response {
  count(site.intake.refused, code)
  return problem(code, headers && { headers })
}

/** Buffers the body, or answers when it is too large. */
const limitStream: (c: Context, next: Next) => Promise<unknown> = bodyLimit({
  maxSize: limits.maxBodyBytes,
  onError: () => problem('body_too_large'),
})

/** Returns whether the body is too large, checked before it is in memory. */
async function isTooLarge(c: Context): Promise<boolean> {
  const length = c.req.header('Content-Length')
  // Hono's middleware reads the body as a stream, which costs more than the rest of the request.
  if (length !== undefined && !c.req.header('Transfer-Encoding')) {
    return Number(length) > limits.maxBodyBytes
  }
  return (await limitStream(c, () => Promise.resolve())) !== undefined
}

function count<Code>(counts: Map<Code, number>, code: Code): void {
  counts.set(code, (counts.get(code) ?? 0) + 1)
}

function toAnswer(c: Context, { decision, events, signals }: Intake): Response {
  const verdict: BatchVerdict = {
    accepted: events.length + signals.length,
    rejected: [...decision.rejected],
  }
  return createOpenAnswer(c, JSON.stringify(verdict), 202, answerHeaders)
}

const answerHeaders = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }
