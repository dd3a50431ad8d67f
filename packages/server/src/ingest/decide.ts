import {
  type Device,
  type ErrorCode,
  type EventCode,
  type Rejection,
  type TrackedEvent,
  isPresenceOnly,
  limits,
} from '@tidemark/protocol'
import type { PresenceSignal, SiteEvent } from '../rollup/event.ts'
import { parseBatch } from './batch.ts'
import { parsePageAddress, toSource } from './page.ts'
import { checkEvent } from './schema.ts'
import { toCleanText } from './text.ts'

/** A sender's clock that is wrong by less than this is left as it is: the network may be as slow. */
const skewThresholdMs = 60_000

/** What the request says of its sender, beside the body. */
export interface Sender {
  /** Stands for a visitor who was given no id. */
  visitor: string
  country: string | undefined
  device: Device
}

/**
 * All that was decided about a request when it came. It is logged with the body, so that a replay
 * finds the same events in it.
 */
export interface Decision extends Sender {
  /** Added to every timestamp, in milliseconds. */
  skewMs: number
  rejected: readonly Rejection[]
}

/** What a request comes to. */
export interface Intake {
  decision: Decision
  /** Events that are counted, with their index in the request. */
  events: readonly { index: number; event: SiteEvent }[]
  /** Heartbeats and leaves. */
  signals: readonly PresenceSignal[]
}

/** Decides about a request: which events are taken, when they happened, and of whom they are. */
export function decide(body: string, sender: Sender, receivedAt: number): Intake | ErrorCode {
  const batch = parseBatch(body)
  if (typeof batch === 'string') return batch
  const skew = batch.sentAt === undefined ? 0 : receivedAt - batch.sentAt
  const skewMs = Math.abs(skew) > skewThresholdMs ? skew : 0
  const rejected: Rejection[] = []
  const taken: Taken[] = []
  for (const [index, raw] of batch.events.entries()) {
    const event = raw ? checkEvent(raw) : 'event_invalid'
    const code: EventCode | undefined =
      typeof event === 'string'
        ? event
        : isTooOld(event, skewMs, receivedAt)
          ? 'too_old'
          : undefined
    if (code) rejected.push({ index, code })
    else if (typeof event !== 'string') taken.push({ index, event })
  }
  const decision: Decision = { ...sender, skewMs, rejected }
  return { decision, ...sort(taken, batch.client, decision, receivedAt) }
}

/** A decision as it was logged. It was written by this program, so it is what it says. */
export function parseDecision(json: string): Decision {
  return JSON.parse(json) as Decision
}

/** Finds in a logged body the events that were decided to be in it. */
export function recall(
  body: string,
  decision: Decision,
  receivedAt: number,
): Pick<Intake, 'events'> {
  const batch = parseBatch(body)
  if (typeof batch === 'string') return { events: [] }
  const rejected = new Set(decision.rejected.map(({ index }) => index))
  const taken = batch.events.flatMap((event, index) =>
    // It was checked before it was logged, and a replay does not check again.
    event && !rejected.has(index) ? [{ index, event: event as object as TrackedEvent }] : [],
  )
  return sort(taken, batch.client, decision, receivedAt)
}

interface Taken {
  index: number
  event: TrackedEvent
}

function sort(
  taken: readonly Taken[],
  client: string | undefined,
  decision: Decision,
  receivedAt: number,
): Pick<Intake, 'events' | 'signals'> {
  const events: { index: number; event: SiteEvent }[] = []
  const signals: PresenceSignal[] = []
  for (const { index, event: checked } of taken) {
    const event = toSiteEvent(checked, client, decision, receivedAt)
    if (!isPresenceOnly(event.name)) events.push({ index, event })
    else signals.push({ ...event, kind: event.name === 'leave' ? 'leave' : 'heartbeat' })
  }
  return { events, signals }
}

function toSiteEvent(
  event: TrackedEvent,
  client: string | undefined,
  decision: Decision,
  receivedAt: number,
): SiteEvent {
  const page = event.url === undefined ? undefined : parsePageAddress(event.url)
  return {
    name: toCleanText(event.name),
    // Nothing can have happened after it arrived, so a clock that is a little fast is cut there.
    at: Math.min(receivedAt, timeOf(event, decision.skewMs, receivedAt)),
    visitor: event.visitorId ?? decision.visitor,
    client,
    n: event.n,
    path: page?.path,
    title: event.title === undefined ? undefined : toTitle(event.title),
    source: event.referrer === undefined ? undefined : toSource(event.referrer, page),
    country: decision.country,
    device: decision.device,
  }
}

function timeOf(event: TrackedEvent, skewMs: number, receivedAt: number): number {
  return event.timestamp === undefined ? receivedAt : Math.floor(event.timestamp + skewMs)
}

function isTooOld(event: TrackedEvent, skewMs: number, receivedAt: number): boolean {
  return timeOf(event, skewMs, receivedAt) + limits.maxEventAgeMs < receivedAt
}

function toTitle(title: string): string {
  return toCleanText(title.slice(0, limits.maxTitleLength).trim())
}
