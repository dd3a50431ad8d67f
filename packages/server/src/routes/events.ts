import { type BatchVerdict, type ErrorCode, limits } from '@tidemark/protocol'
import type { Context, Next } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Clock } from '../shared/clock.ts'
import type { AddressOf } from '../guard/address.ts'
import { answerToAll } from '../http/cors.ts'
import { problem } from '../http/problem.ts'
import { LogUnavailableError, type Settings } from '../log/log.ts'
import type { Site } from '../sites/site.ts'
import type { Sites } from '../sites/sites.ts'
import { enqueue } from '../shared/scheduling.ts'
import type { GoalsOf } from '../ingest/goals.ts'
import { type Intake, type Sender, decide } from '../ingest/decide.ts'
import { type CountryOf, createCountryOf } from '../ingest/country.ts'
import { parseSenderUserAgent } from '../ingest/crawler.ts'
import { redact } from '../ingest/redact.ts'
import { createVisitorIds } from '../ingest/visitor.ts'

/** How long a sender waits when the log could not be written, in seconds. */
const retryAfterSeconds = 5

export interface IngestOptions {
  sites: Sites
  clock: Clock
  settings: Settings
  addressOf: AddressOf
  /** The address at the other end of the socket. */
  socketAddressOf: (c: Context) => string
  /** Header in which a trusted CDN says the country, such as `CF-IPCountry`. */
  countryHeader: string | undefined
  /** Whether it is the CDN that says so, by the address at the other end of the socket. @default always */
  mayTell?: (socketAddress: string) => boolean
  /** @default what the header says */
  countryOf?: CountryOf
  /** @default there are none */
  goalsOf?: GoalsOf
}

/** `POST /sites/:site/events`: 202 with a verdict, once all that was taken is durable. */
export function createIngest(
  options: IngestOptions,
): (c: Context, site: Site) => Promise<Response> {
  const { sites, clock, countryOf = createCountryOf({}), goalsOf, mayTell = () => true } = options
  const visitorOf = createVisitorIds(options.settings)

  function senderOf(c: Context, site: string, now: number): Sender {
    const userAgent = c.req.header('User-Agent') ?? ''
    const socketAddress = options.socketAddressOf(c)
    const address = options.addressOf(socketAddress, c.req.header('X-Forwarded-For'))
    const { countryHeader } = options
    const isTold = countryHeader !== undefined && mayTell(socketAddress)
    const country = isTold ? c.req.header(countryHeader) : undefined
    return {
      deriveVisitorId: () => visitorOf(site, address, userAgent, now),
      country: countryOf(country, address),
      ...parseSenderUserAgent(userAgent),
    }
  }

  /** Decides, and resolves once all that was taken is durable and folded. */
  async function take(c: Context, site: Site, body: string): Promise<Intake | ErrorCode> {
    // From here to the log there is no other turn of the loop, so records are in the order of their times.
    const receivedAt = clock.now()
    const intake = decide(body, senderOf(c, site.id, receivedAt), receivedAt, goalsOf)
    if (typeof intake === 'string') return intake
    const { decision, events, signals } = intake
    if (events.length > 0) {
      const kept = { body: redact(body), decision: JSON.stringify(decision) }
      await sites.accept({ site: site.id, receivedAt, ...kept }, events)
    }
    if (signals.length > 0 && !decision.isBot) sites.signal(site.id, signals)
    // What was not taken comes again, with what is wrong in it.
    for (const { code } of decision.rejected) count(site.intake.rejected, code)
    site.intake.clamped += intake.clamped
    return intake
  }

  function refuse(site: Site, code: ErrorCode, headers?: Record<string, string>): Response {
    count(site.intake.refused, code)
    return problem(code, headers && { headers })
  }

  return async (c, site) => {
    if (await isTooLarge(c)) return refuse(site, 'body_too_large')
    if ((c.req.header('Content-Encoding') ?? 'identity') !== 'identity') {
      return refuse(site, 'encoding_unsupported')
    }
    const body = await c.req.text()
    try {
      const intake = await enqueue(() => take(c, site, body))
      return typeof intake === 'string' ? refuse(site, intake) : toAnswer(c, intake)
    } catch (error) {
      if (!(error instanceof LogUnavailableError)) throw error
      return refuse(site, 'log_unavailable', { 'Retry-After': String(retryAfterSeconds) })
    }
  }
}

/** Answers where a body is too large, and else has it in memory. */
const limitStream: (c: Context, next: Next) => Promise<unknown> = bodyLimit({
  maxSize: limits.maxBodyBytes,
  onError: () => problem('body_too_large'),
})

/** Whether a body is too large, before it is in memory. */
async function isTooLarge(c: Context): Promise<boolean> {
  const length = c.req.header('Content-Length')
  // Hono's middleware asks for the body as a stream, which costs more than all the rest of a request.
  if (length !== undefined && !c.req.header('Transfer-Encoding')) {
    return Number(length) > limits.maxBodyBytes
  }
  return (await limitStream(c, () => Promise.resolve())) !== undefined
}

function count<Code>(tally: Map<Code, number>, code: Code): void {
  tally.set(code, (tally.get(code) ?? 0) + 1)
}

function toAnswer(c: Context, { decision, events, signals }: Intake): Response {
  const verdict: BatchVerdict = {
    accepted: events.length + signals.length,
    rejected: [...decision.rejected],
  }
  return answerToAll(c, JSON.stringify(verdict), 202, answerHeaders)
}

const answerHeaders = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }
