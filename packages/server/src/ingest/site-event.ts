import { type EventContext, type TrackedEvent, isPresenceOnly, limits } from '@tidemark/protocol'
import type { EventSender, SiteEvent } from '../rollup/event.ts'
import { memoizeLast } from '../shared/memoize-last.ts'
import type { ParsedBatch } from './batch.ts'
import { toDetail } from './detail.ts'
import type { AddressRules } from './address-rules.ts'
import { toBaseLanguage } from './language.ts'
import { toCleanName } from './name.ts'
import { toOrigin } from './origin.ts'
import { toScreenClass } from './screen-class.ts'
import { type SenderFacts, toSender } from './sender-facts.ts'
import { toCountedProperties } from './properties.ts'
import { toTarget } from './target.ts'
import { toCleanText } from './text.ts'

/** The visitor of one event, as the event itself describes it. */
export interface EventVisitor extends SenderFacts {
  /** Returns the derived ID, for an event without a `visitorId`. */
  deriveId(): string
}

/** The values that all events of a request share. */
export interface RequestContext {
  readonly rules: AddressRules
  readonly defaults: EventContext
  /** Added to every timestamp, in milliseconds. */
  readonly skewMs: number
  readonly receivedAt: number
  /** Returns the sender of an event. Consecutive events of one visitor and session share an object. */
  senderOf(index: number, event: TrackedEvent): EventSender
}

/** Facts about a request besides its batch. */
export interface RequestFacts extends SenderFacts {
  readonly skewMs: number
  readonly rules: AddressRules
}

/**
 * @param deriveVisitor returns the derived id of a visitor without an id; called only when an event needs it
 * @param visitorAt returns the visitor that an event describes itself, if it does
 */
export function createRequestContext(
  { client, defaults, facts: browser }: ParsedBatch,
  facts: RequestFacts,
  receivedAt: number,
  deriveVisitor: () => string,
  visitorAt?: (index: number, event: TrackedEvent) => EventVisitor | undefined,
): RequestContext {
  const screen = browser.screen === undefined ? undefined : toScreenClass(browser.screen)
  const language = browser.language === undefined ? undefined : toBaseLanguage(browser.language)
  const stated = { client, screen, language }
  let lastSender: EventSender | undefined
  const firstSeenDay = browser.firstSeen === undefined ? undefined : toDay(browser.firstSeen)
  return {
    rules: facts.rules,
    defaults,
    skewMs: facts.skewMs,
    receivedAt,
    senderOf(index, event) {
      const { visitorId = defaults.visitorId, sessionId: session = defaults.sessionId } = event
      const { userId: user = defaults.userId } = event
      const described = visitorAt?.(index, event)
      if (described) {
        const visitor = visitorId ?? described.deriveId()
        const ids = { visitor, session, user, firstDay: undefined }
        return toSender(described, { ...stated, ...ids }, visitorId !== undefined)
      }
      const visitor = visitorId ?? deriveVisitor()
      const last = lastSender
      if (last?.visitor === visitor && last.session === session && last.user === user) return last
      // A derived id changes every day, so it says nothing about the first visit.
      const firstDay = visitorId === undefined ? undefined : firstSeenDay
      const ids = { visitor, session, user, firstDay }
      lastSender = toSender(facts, { ...stated, ...ids }, visitorId !== undefined)
      return lastSender
    },
  }
}

/** Converts a day such as `2026-12-01` to days since 1970. */
function toDay(date: string): number {
  return Date.parse(`${date}T00:00Z`) / 86_400_000
}

export const noGoals: readonly string[] = []

/** Converts a valid event of a request to an event of the rollup, still without goals. */
export function toSiteEvent(
  index: number,
  event: TrackedEvent,
  context: RequestContext,
): SiteEvent {
  const { receivedAt, defaults, rules } = context
  const url = event.url ?? defaults.url
  const title = event.title ?? defaults.title
  const page = url === undefined ? undefined : rules.parse(url)
  const properties = event.properties ?? defaults.properties
  return {
    index,
    sender: context.senderOf(index, event),
    name: toCleanName(event.name),
    // An event cannot happen after its arrival, so the timestamp of a fast clock is clamped.
    at: Math.min(receivedAt, timeOf(event, context.skewMs, receivedAt)),
    n: event.n,
    path: page?.path,
    title: title === undefined ? undefined : toTitle(title),
    target: toTarget(event.name, properties),
    detail: toDetail(event.name, properties, page?.path),
    properties: toCountedProperties(event.name, properties),
    origin: toOrigin(rules, page, event.referrer ?? defaults.referrer),
    goals: noGoals,
    value: event.value,
  }
}

/** Returns the corrected time of an event, in milliseconds since 1970; its arrival time when it has no timestamp. */
export function timeOf(event: TrackedEvent, skewMs: number, receivedAt: number): number {
  return event.timestamp === undefined ? receivedAt : Math.floor(event.timestamp + skewMs)
}

/** Memoized, because most events of a batch are from one page. */
const toTitle = memoizeLast((title: string) =>
  toCleanText(title.slice(0, limits.maxTitleLength).trim()),
)

/** The events of a request by their use. */
export interface EventsByUse {
  /** Events that are counted. */
  events: SiteEvent[]
  /** Heartbeats and leaves, which change the active visitors and no other figure. */
  signals: SiteEvent[]
}

export function addByUse(event: SiteEvent, { events, signals }: EventsByUse): void {
  if (isPresenceOnly(event.name)) signals.push(event)
  else events.push(event)
}
