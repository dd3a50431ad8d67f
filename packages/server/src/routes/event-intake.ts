import type { BatchVerdict, ErrorCode } from '@tidemark/protocol'
import type { Clock } from '../shared/clock.ts'
import type { BatchLoad, RateRefusal, Rates } from '../guard/rates.ts'
import { type SenderOptions, createSenderOf } from './event-sender.ts'
import { refuseRate } from './limit-rate.ts'
import { problem } from '../http/problem.ts'
import { LogUnavailableError } from '../log/log.ts'
import { type Site, countRefusal } from '../sites/site.ts'
import type { Sites } from '../sites/sites.ts'
import { enqueue } from '../shared/scheduling.ts'
import { type ParsedBatch, countVisitors, parseBatch } from '../ingest/batch.ts'
import { type Intake, type SiteRules, decideBatch } from '../ingest/decide.ts'
import { type IsExcluded, type RemainingEvents, excludeEvents } from '../ingest/exclude-events.ts'
import { redact } from '../ingest/redact.ts'
import { type SiteEvent, otherHost } from '../rollup/event.ts'
import { createWarning } from '../shared/server-warning.ts'
import type { RouteContext } from './context.ts'
import { readEventBody } from './event-body.ts'

/** Wait of a sender when the log cannot be written, in seconds. */
const retryAfterSeconds = 5

export interface EventIntakeOptions extends Omit<SenderOptions, 'onUnknownAddress'> {
  sites: Pick<Sites, 'accept' | 'signal'>
  clock: Clock
  /** Returns the rules of a site. @default those of a site without options */
  rulesOf?: (site: string) => SiteRules
  /** Returns a function that recognizes the excluded addresses of a site. @default no address is excluded */
  exclusionOf?: (site: string) => IsExcluded | undefined
  /** @default no rate is limited */
  rates?: Pick<Rates, 'admitToSite' | 'admitBatch' | 'limitsVisitors'>
  /** Receives a `ServerWarning` once for each fault of the program around the app. */
  onError?(error: unknown): void
}

const unknownAddress =
  'The addresses of clients are unknown, so all visitors without a visitorId and with one user agent count as one. ' +
  'Pass the address with each request: `tidemark.fetch(request, { address })`.'

const consumedBody =
  'The program around the server has read the body of a request, so its events are refused. Mount Tidemark before ' +
  'body parsers.'

/** Parses a body. Returns the code of the first error, or the answer that refuses the body. */
export type ParseBody = (
  body: string,
  describesVisitors: boolean,
) => ParsedRequest | ErrorCode | Response

/** The body for the log, and the batch in it. */
export interface ParsedRequest {
  readonly body: string
  readonly batch: ParsedBatch
}

/** Accepts the events of a request. Returns the verdict once they are durable, or the refusal of the whole request. */
export type AcceptRequest = (c: RouteContext, parse?: ParseBody) => Promise<BatchVerdict | Response>

/** Creates the function that accepts the events of a request. All endpoints for senders use one. */
export function createEventIntake(options: EventIntakeOptions): AcceptRequest {
  const { sites, clock, rulesOf, exclusionOf, rates, onError = () => {}, ...others } = options
  const { proxies } = others
  const onUnknownAddress = createWarning(onError, unknownAddress)
  const senderOf = createSenderOf({ ...others, onUnknownAddress })
  const warnOfConsumedBody = createWarning(onError, consumedBody)

  /** Decides, and resolves once every accepted event is durable and folded. */
  async function accept(
    c: RouteContext,
    site: Site,
    text: string,
    parse: ParseBody,
  ): Promise<Outcome> {
    const parsed = parse(text, c.get('hasWriteKey'))
    if (typeof parsed === 'string' || parsed instanceof Response) return parsed
    const limited = rates?.admitBatch(loadOf(c, parsed.batch, rates.limitsVisitors))
    if (limited) return limited
    const { body, batch, excluded } = withoutExcluded(c, site, parsed)
    // No other task runs between here and the log, so records are in the order of their times.
    const receivedAt = clock.now()
    const by = senderOf(c, site, batch, receivedAt)
    const rules = rulesOf?.(site.id)
    const intake = excludeVerdicts(decideBatch(batch, by, receivedAt, rules), excluded)
    const { decision, events, signals } = intake
    if (events.length > 0) {
      const stored = {
        body: redact(body, rules?.addresses?.pages),
        decision: JSON.stringify(decision),
      }
      await sites.accept({ site: site.id, receivedAt, ...stored }, events)
    }
    const present = signals.filter(({ sender: { bot } }) => bot === undefined)
    if (present.length > 0) sites.signal(site.id, present)
    // Counted last, because a client repeats a request that the log refused.
    for (const { code } of decision.rejected) {
      count(site.intake.rejected, code)
      site.warnings.record(code)
    }
    if (decision.isHttpClient) {
      site.warnings.record(
        'http_client',
        events.filter(({ sender: { bot } }) => bot !== undefined).length,
      )
    }
    if (intake.clamped > 0) site.warnings.record('future_timestamp', intake.clamped)
    const otherHosts = events.filter(isOfOtherHost).length
    site.warnings.record('host_unlisted', otherHosts)
    site.warnings.record('address_excluded', excluded.size)
    site.warnings.observe()
    site.intake.excluded += excluded.size
    site.intake.accepted += events.length + signals.length
    site.intake.clamped += intake.clamped
    site.intake.otherHost += otherHosts
    // The sender must not send excluded events again, so they are accepted.
    const accepted = events.length + signals.length + excluded.size
    return { accepted, rejected: [...decision.rejected] }
  }

  /** Removes the events from excluded addresses. */
  function withoutExcluded(
    c: RouteContext,
    { id }: Site,
    parsed: ParsedRequest,
  ): ParsedRequest & Pick<RemainingEvents, 'excluded'> {
    const isExcluded = exclusionOf?.(id)
    if (!isExcluded) return { ...parsed, excluded: noneExcluded }
    const sender = { address: proxies.addressOf(c), describesVisitors: c.get('hasWriteKey') }
    const remaining = excludeEvents(parsed.body, parsed.batch, sender, isExcluded)
    return remaining ?? { ...parsed, excluded: noneExcluded }
  }

  return async (c, parse = parseAsSent) => {
    const site = c.get('site')
    const limited = rates?.admitToSite(site.id)
    if (limited) return refuseRate(limited, site)
    const body = await readEventBody(c)
    if ('code' in body) {
      if (body.code === 'body_consumed') warnOfConsumedBody()
      return refuse(site, body.code)
    }
    try {
      const outcome = await enqueue(() => accept(c, site, body.text, parse))
      if (typeof outcome === 'string') return refuse(site, outcome)
      return 'name' in outcome ? refuseRate(outcome, site) : outcome
    } catch (error) {
      if (!(error instanceof LogUnavailableError)) throw error
      return refuse(site, 'log_unavailable', { 'Retry-After': String(retryAfterSeconds) })
    }
  }
}

const parseAsSent: ParseBody = (body, describesVisitors) => {
  const batch = parseBatch(body, describesVisitors)
  return typeof batch === 'string' ? batch : { body, batch }
}

const noneExcluded: ReadonlySet<number> = new Set()

/** Returns whether an event counts only as one of a host that the site does not list. Events of bots count as bots'. */
function isOfOtherHost({ origin, sender }: SiteEvent): boolean {
  return origin.hostName === otherHost && sender.bot === undefined
}

/** Removes the verdicts about excluded events, which the decision has not seen. */
function excludeVerdicts(intake: Intake, excluded: ReadonlySet<number>): Intake {
  if (excluded.size === 0) return intake
  const rejected = intake.decision.rejected.filter(({ index }) => !excluded.has(index))
  return { ...intake, decision: { ...intake.decision, rejected } }
}

/** The verdict, or why the whole request is refused. */
type Outcome = BatchVerdict | RateRefusal | ErrorCode | Response

/** Returns the events of a batch by the limits that they count for. A sender with a write key has those by site alone. */
function loadOf(c: RouteContext, batch: ParsedBatch, limitsVisitors: boolean): BatchLoad {
  const { events } = batch
  const visitors = limitsVisitors && !c.get('hasWriteKey') ? countVisitors(batch) : noVisitors
  return { site: c.get('site').id, network: c.get('network'), events: events.length, visitors }
}

const noVisitors: ReadonlyMap<string, number> = new Map()

function refuse(site: Site, code: ErrorCode, headers?: Record<string, string>): Response {
  countRefusal(site, code)
  return problem(code, headers && { headers })
}

function count<Code>(counts: Map<Code, number>, code: Code): void {
  counts.set(code, (counts.get(code) ?? 0) + 1)
}
