import {
  type Device,
  type EventContext,
  type TrackedEvent,
  isPresenceOnly,
  limits,
} from '@tidemark/protocol'
import type { EventSender, SiteEvent } from '../rollup/event.ts'
import { memoizeLast } from '../shared/memoize-last.ts'
import type { ParsedBatch } from './batch.ts'
import { toDetail } from './detail.ts'
import type { AddressRules } from './address-rules.ts'
import { toCleanName } from './name.ts'
import { toOrigin } from './origin.ts'
import { toTarget } from './target.ts'
import { toCleanText } from './text.ts'

/** Properties of the sender that all events of a request share. */
export interface SenderFacts {
  country: string | undefined
  device: Device
  browser: string
  os: string
  /** Name of the program that sends the events; `undefined` for a person's browser. */
  bot: string | undefined
  /** Whether the program is an HTTP client. Its events are a person's if they name their visitor. */
  isHttpClient: boolean
}

/** Copies the facts alone. */
export function toFacts(facts: SenderFacts): SenderFacts {
  const { country, device, browser, os, bot, isHttpClient } = facts
  return { country, device, browser, os, bot, isHttpClient }
}

/** Name of a browser that a program controls, if its user agent names no program. */
const automatedBrowser = 'Automated browser'

/** Returns the facts of a sender whose browser is controlled by a program. */
export function toAutomated(facts: SenderFacts): SenderFacts {
  return { ...facts, bot: facts.bot ?? automatedBrowser, isHttpClient: false }
}

/**
 * Returns the sender of an event. An HTTP client does not run the tracker: if it names a visitor, its events are sent
 * on purpose, by a server or an app.
 */
function toSender(
  { country, device, browser, os, bot, isHttpClient }: SenderFacts,
  ids: Pick<EventSender, 'visitor' | 'client' | 'session' | 'user' | 'firstDay'>,
  isNamed: boolean,
): EventSender {
  const isBot = bot !== undefined && !(isHttpClient && isNamed)
  return { ...ids, country, device, browser, os, isBot }
}

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
  { client, defaults, facts: { firstSeen } }: ParsedBatch,
  facts: RequestFacts,
  receivedAt: number,
  deriveVisitor: () => string,
  visitorAt?: (index: number, event: TrackedEvent) => EventVisitor | undefined,
): RequestContext {
  let lastSender: EventSender | undefined
  const firstSeenDay = firstSeen === undefined ? undefined : toDay(firstSeen)
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
        const ids = { visitor, client, session, user, firstDay: undefined }
        return toSender(described, ids, visitorId !== undefined)
      }
      const visitor = visitorId ?? deriveVisitor()
      const last = lastSender
      if (last?.visitor === visitor && last.session === session && last.user === user) return last
      // A derived id changes every day, so it says nothing about the first visit.
      const firstDay = visitorId === undefined ? undefined : firstSeenDay
      lastSender = toSender(
        facts,
        { visitor, client, session, user, firstDay },
        visitorId !== undefined,
      )
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
