import {
  type Device,
  type ErrorCode,
  type EventContext,
  type Rejection,
  type TrackedEvent,
  isPresenceOnly,
  limits,
} from '@tidemark/protocol'
import {
  type EventSender,
  type PresenceSignal,
  type SiteEvent,
  directSource,
} from '../rollup/event.ts'
import { memoizeLast } from '../shared/memoize-last.ts'
import { type ParsedBatch, parseBatch } from './batch.ts'
import type { GoalsOf } from './goals.ts'
import { type PageAddress, parsePageAddress, toSource } from './page.ts'
import { checkEvent } from './schema.ts'
import { toCleanName } from './name.ts'
import { toCleanText } from './text.ts'

/** A sender's clock that is wrong by less than this is left as it is: the network may be as slow. */
const skewThresholdMs = 60_000

/** What the request says of its sender, beside the body. */
export interface Sender extends SenderFacts {
  /** What stands for a visitor who was given no id. Asked once at most, and only when there is one. */
  deriveVisitorId(): string
}

interface SenderFacts {
  country: string | undefined
  device: Device
  browser: string
  os: string
  isBot: boolean
}

/**
 * All that was decided about a request when it came. It is logged with the body, so that a replay
 * finds the same events in it.
 */
export interface Decision extends SenderFacts {
  /** Stands for a visitor who was given no id, where there was one. */
  visitor?: string
  /** Added to every timestamp, in milliseconds. */
  skewMs: number
  rejected: readonly Rejection[]
  /** The goals that events reached, by their index in the request. */
  goals?: readonly (readonly [number, readonly string[]])[]
}

/** What a request comes to. */
export interface Intake {
  decision: Decision
  /** Events that are counted. */
  events: readonly SiteEvent[]
  /** Heartbeats and leaves. */
  signals: readonly PresenceSignal[]
  /** How many of them all were yet to happen when they came. */
  clamped: number
}

/** Decides about a request: which events are taken, when they happened, and of whom they are. */
export function decide(
  body: string,
  sender: Sender,
  receivedAt: number,
  goalsOf: GoalsOf = () => none,
): Intake | ErrorCode {
  const batch = parseBatch(body)
  if (typeof batch === 'string') return batch
  const skew = batch.sentAt === undefined ? 0 : receivedAt - batch.sentAt
  const skewMs = Math.abs(skew) > skewThresholdMs ? skew : 0
  const isBot = sender.isBot || batch.automated
  const { country, device, browser, os } = sender
  const facts = { country, device, browser, os, isBot, skewMs }
  let visitor: string | undefined
  const context = createContext(
    batch,
    facts,
    receivedAt,
    () => (visitor ??= sender.deriveVisitorId()),
  )
  const rejected: Rejection[] = []
  const goals: [number, readonly string[]][] = []
  const sorted: Sorted = { events: [], signals: [] }
  let clamped = 0
  for (const [index, raw] of batch.events.entries()) {
    const event = raw ? checkEvent(raw) : 'event_invalid'
    if (typeof event === 'string') {
      rejected.push({ index, code: event })
    } else if (isTooOld(event, skewMs, receivedAt)) {
      rejected.push({ index, code: 'too_old' })
    } else {
      const taken = toSiteEvent(index, event, context)
      if (timeOf(event, skewMs, receivedAt) > receivedAt) clamped++
      taken.goals = goalsOf(taken.name, taken.path)
      if (taken.goals.length > 0) goals.push([index, taken.goals])
      sort(taken, sorted)
    }
  }
  const decision = {
    ...(visitor !== undefined && { visitor }),
    ...facts,
    rejected,
    ...(goals.length > 0 && { goals }),
  }
  return { decision, ...sorted, clamped }
}

/** A decision as it was logged. It was written by this program, or by one that knew less, so it is what it says. */
export function parseDecision(json: string): Decision {
  return { ...legacyDefaults, ...(JSON.parse(json) as Omit<Decision, keyof typeof legacyDefaults>) }
}

/** What decisions of layout 1 of the log do not say. */
const legacyDefaults = { browser: '(unknown)', os: '(unknown)', isBot: false }

/** Finds in a logged body the events that were decided to be in it. */
export function rebuildEvents(
  body: string,
  decision: Decision,
  receivedAt: number,
): Pick<Intake, 'events'> {
  const batch = parseBatch(body)
  if (typeof batch === 'string') return { events: [] }
  const { visitor = '' } = decision
  const context = createContext(batch, decision, receivedAt, () => visitor)
  const rejected = new Set(decision.rejected.map(({ index }) => index))
  const goals = new Map(decision.goals)
  const sorted: Sorted = { events: [], signals: [] }
  for (const [index, event] of batch.events.entries()) {
    if (!event || rejected.has(index)) continue
    // It was checked before it was logged, and a replay does not check again.
    const taken = toSiteEvent(index, event as object as TrackedEvent, context)
    taken.goals = goals.get(index) ?? none
    sort(taken, sorted)
  }
  return sorted
}

/** What is the same for all events of a request. */
interface Context {
  readonly defaults: EventContext
  readonly skewMs: number
  readonly receivedAt: number
  /** Of whom an event is. */
  senderOf(event: TrackedEvent): EventSender
}

/** @param derived what stands for a visitor who was given no id; asked only where there is one */
function createContext(
  { client, defaults }: ParsedBatch,
  { country, device, browser, os, isBot, skewMs }: SenderFacts & Pick<Decision, 'skewMs'>,
  receivedAt: number,
  derived: () => string,
): Context {
  // Mostly one for the whole request.
  let last: EventSender | undefined
  return {
    defaults,
    skewMs,
    receivedAt,
    senderOf({ visitorId, sessionId }) {
      const visitor = visitorId ?? defaults.visitorId ?? derived()
      const session = sessionId ?? defaults.sessionId
      if (last?.visitor === visitor && last.session === session) return last
      last = { visitor, client, session, country, device, browser, os, isBot }
      return last
    },
  }
}

interface Sorted {
  events: SiteEvent[]
  signals: PresenceSignal[]
}

const none: readonly string[] = []

function sort(event: SiteEvent, { events, signals }: Sorted): void {
  if (isPresenceOnly(event.name)) signals.push(toSignal(event))
  else events.push(event)
}

function toSignal({ name, sender, path, source }: SiteEvent): PresenceSignal {
  const { visitor, country, device } = sender
  return {
    kind: name === 'leave' ? 'leave' : 'heartbeat',
    ...{ visitor, path, source, country, device },
  }
}

/** An event as the reducer takes it, but for the goals that it reaches. */
function toSiteEvent(index: number, event: TrackedEvent, context: Context): SiteEvent {
  const { receivedAt, defaults } = context
  const url = event.url ?? defaults.url
  const title = event.title ?? defaults.title
  const page = url === undefined ? undefined : parsePageAddress(url)
  const campaign = page?.campaign
  return {
    index,
    sender: context.senderOf(event),
    name: toCleanName(event.name),
    // Nothing can have happened after it arrived, so a clock that is a little fast is cut there.
    at: Math.min(receivedAt, timeOf(event, context.skewMs, receivedAt)),
    n: event.n,
    path: page?.path,
    title: title === undefined ? undefined : toTitle(title),
    source: campaign?.source ?? sourceOf(event.referrer ?? defaults.referrer, page),
    campaign: campaign?.campaign,
    goals: none,
    value: event.value,
  }
}

function sourceOf(referrer: string | undefined, page: PageAddress | undefined): string | undefined {
  if (referrer === undefined) return undefined
  return referrer === '' ? directSource : toSource(referrer, page)
}

function timeOf(event: TrackedEvent, skewMs: number, receivedAt: number): number {
  return event.timestamp === undefined ? receivedAt : Math.floor(event.timestamp + skewMs)
}

function isTooOld(event: TrackedEvent, skewMs: number, receivedAt: number): boolean {
  return timeOf(event, skewMs, receivedAt) + limits.maxEventAgeMs < receivedAt
}

/** The events of a batch are mostly of one page. */
const toTitle = memoizeLast((title: string) =>
  toCleanText(title.slice(0, limits.maxTitleLength).trim()),
)
