import {
  type ErrorCode,
  type EventCode,
  type Rejection,
  type TrackedEvent,
  type VisitorFacts,
  limits,
} from '@tidemark/protocol'
import {
  type AddressOptions,
  type AddressRules,
  defaultAddressRules,
  toAddressRules,
} from './address-rules.ts'
import type { SiteEvent } from '../rollup/event.ts'
import { type ParsedBatch, parseBatch } from './batch.ts'
import {
  type FactsWithId,
  type LoggedVisitor,
  createDescribedVisitors,
  toVisitorsByEvent,
} from './described-visitor.ts'
import type { GoalsOf } from './goals.ts'
import { findFactProblem, hasFacts } from './visitor-facts.ts'
import { checkEvent } from './schema.ts'
import { type SenderFacts, toAutomated, toFacts } from './sender-facts.ts'
import {
  type EventsByUse,
  addByUse,
  createRequestContext,
  noGoals,
  timeOf,
  toSiteEvent,
} from './site-event.ts'

/** A smaller clock difference is not corrected, because the network may cause it. */
const skewThresholdMs = 60_000

/** The sender of a request, without its body. */
export interface Sender extends FactsWithId {
  /** Returns the sender that facts about a visitor describe. @default the sender may not describe visitors */
  ofVisitor?(facts: VisitorFacts): FactsWithId
}

/** All decisions about a request. They are logged with the body, so that a replay builds the same events. */
export interface Decision extends SenderFacts {
  /** Derived id of a visitor without an id, if an event needed it. */
  visitor?: string
  /** Visitors that single events describe themselves. */
  visitors?: readonly LoggedVisitor[]
  /** Added to every timestamp, in milliseconds. */
  skewMs: number
  rejected: readonly Rejection[]
  /** The goals that events reached, by event index. */
  goals?: readonly (readonly [number, readonly string[]])[]
  /** Options of the site for addresses, if it had any. */
  addresses?: AddressOptions
}

/** Rules of a site that decide about events. */
export interface SiteRules {
  /** @default the site has no goals */
  readonly goalsOf?: GoalsOf
  /** @default any host, and pages by their path */
  readonly addresses?: AddressRules
}

/** A request after the decision. */
export interface Intake {
  decision: Decision
  /** Events that are counted. */
  events: readonly SiteEvent[]
  /** Heartbeats and leaves. */
  signals: readonly SiteEvent[]
  /** Number of accepted events and signals with a future timestamp, which was clamped to the arrival time. */
  clamped: number
}

/** Parses a body and decides on it. Returns the code of the first error. */
export function decide(
  body: string,
  sender: Sender,
  receivedAt: number,
  site?: SiteRules,
): Intake | ErrorCode {
  const batch = parseBatch(body, sender.ofVisitor !== undefined)
  return typeof batch === 'string' ? batch : decideBatch(batch, sender, receivedAt, site)
}

/** Validates the events of a request, corrects their times, and determines their sender and goals. */
export function decideBatch(
  batch: ParsedBatch,
  sender: Sender,
  receivedAt: number,
  { goalsOf = () => noGoals, addresses = defaultAddressRules }: SiteRules = {},
): Intake {
  const skew = batch.sentAt === undefined ? 0 : receivedAt - batch.sentAt
  const skewMs = Math.abs(skew) > skewThresholdMs ? skew : 0
  const { automated, defaults } = batch
  const described =
    sender.ofVisitor && createDescribedVisitors(sender.ofVisitor, defaults, automated)
  const base = sender.ofVisitor && hasFacts(defaults) ? sender.ofVisitor(defaults) : sender
  const facts = { ...toFacts(automated ? toAutomated(base) : base), skewMs }
  let visitor: string | undefined
  const deriveVisitor = (): string => (visitor ??= base.deriveVisitorId())
  const requestFacts = { ...facts, rules: addresses }
  const context = createRequestContext(
    batch,
    requestFacts,
    receivedAt,
    deriveVisitor,
    described?.at,
  )
  const rejected: Rejection[] = []
  const goals: [number, readonly string[]][] = []
  const accepted: EventsByUse = { events: [], signals: [] }
  let clamped = 0
  for (const [index, raw] of batch.events.entries()) {
    const event = raw ? checkEventOf(raw, described !== undefined) : 'event_invalid'
    if (typeof event === 'string') {
      rejected.push({ index, code: event })
    } else if (isTooOld(event, skewMs, receivedAt)) {
      rejected.push({ index, code: 'too_old' })
    } else {
      const siteEvent = toSiteEvent(index, event, context)
      if (timeOf(event, skewMs, receivedAt) > receivedAt) clamped++
      siteEvent.goals = goalsOf(siteEvent.name, siteEvent.path)
      if (siteEvent.goals.length > 0) goals.push([index, siteEvent.goals])
      addByUse(siteEvent, accepted)
    }
  }
  const decision = {
    ...(visitor !== undefined && { visitor }),
    ...facts,
    ...(described && described.logged.length > 0 && { visitors: described.logged }),
    rejected,
    ...(goals.length > 0 && { goals }),
    ...(addresses.options && { addresses: addresses.options }),
  }
  return { decision, ...accepted, clamped }
}

/** Parses a logged decision. It is trusted, because this server wrote it. */
export function parseDecision(json: string): Decision {
  return JSON.parse(json) as Decision
}

/** Rebuilds the accepted events of a logged body. They equal the events of the original decision. */
export function rebuildEvents(
  body: string,
  decision: Decision,
  receivedAt: number,
): Pick<Intake, 'events'> {
  const batch = parseBatch(body)
  if (typeof batch === 'string') return { events: [] }
  const { visitor = '' } = decision
  const described = decision.visitors && toVisitorsByEvent(decision.visitors)
  const visitorAt = described && ((index: number) => described.get(index))
  const facts = { ...decision, rules: toAddressRules(decision.addresses) }
  const context = createRequestContext(batch, facts, receivedAt, () => visitor, visitorAt)
  const rejected = new Set(decision.rejected.map(({ index }) => index))
  const goals = new Map(decision.goals)
  const accepted: EventsByUse = { events: [], signals: [] }
  for (const [index, event] of batch.events.entries()) {
    if (!event || rejected.has(index)) continue
    // The event was validated before it was logged.
    const siteEvent = toSiteEvent(index, event as object as TrackedEvent, context)
    siteEvent.goals = goals.get(index) ?? noGoals
    addByUse(siteEvent, accepted)
  }
  return accepted
}

/** Returns the event, or the code of its first error. Facts about a visitor count only where they are allowed. */
function checkEventOf(
  raw: Record<string, unknown>,
  describesVisitors: boolean,
): TrackedEvent | EventCode {
  const event = checkEvent(raw)
  if (!describesVisitors || typeof event === 'string') return event
  return findFactProblem(raw) ?? event
}

function isTooOld(event: TrackedEvent, skewMs: number, receivedAt: number): boolean {
  return timeOf(event, skewMs, receivedAt) + limits.maxEventAgeMs < receivedAt
}
