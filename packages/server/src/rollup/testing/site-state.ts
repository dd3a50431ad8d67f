import { type WindowMinutes, windowMinutes } from '@tidemark/protocol'
import fc from 'fast-check'
import { runToCompletion } from '../../shared/cooperative-task.ts'
import { type EventFields, siteEvent } from './event.ts'
import { type RollupBounds, defaultBounds } from '../bounds.ts'
import { partNames, partsOf } from '../bucket/dimensions.ts'
import { decodeTotals } from '../bucket/parts.ts'
import type { Totals } from '../bucket/totals.ts'
import type { SiteBatch, SiteEvent } from '../event.ts'
import { startOfMinute } from '../history/open-buckets.ts'
import type { SiteState } from '../site.ts'

/** Start of a minute. */
export const start = 1_700_000_040_000
export const minuteMs = 60_000
export const hourMs: number = 60 * minuteMs

/** Creates an event of visitor `a` at the time `start`. */
export function event(fields: EventFields = {}): SiteEvent {
  return siteEvent({ at: start, visitor: 'a', ...fields })
}

/** Creates a record in which equal senders are one object, as ingest creates it. */
export function batch(offset: number, events: SiteEvent[], receivedAt: number = start): SiteBatch {
  const senders = new Map(events.map(({ sender }) => [JSON.stringify(sender), sender]))
  return {
    offset,
    receivedAt,
    events: events.map((each, index) => {
      const sender = senders.get(JSON.stringify(each.sender)) ?? each.sender
      return { ...each, index, sender }
    }),
  }
}

/** Totals of a minute, with the number of visitors. */
export interface MinuteTotals extends Omit<Totals, 'visitors'> {
  at: number
  visitors: number
}

/** Returns the totals of all non-empty minutes that start in `[from, to)`. */
export function minutesOf(state: SiteState, from: number, to: number): MinuteTotals[] {
  return runToCompletion(state.history.tiers.read('minute', 'totals', from, to)).map(part => {
    const { visitors, ...totals } = decodeTotals(part.bytes)
    return { at: part.start, ...totals, visitors: visitors.count() }
  })
}

export function minuteOf(state: SiteState, at: number): MinuteTotals | undefined {
  const [minute] = minutesOf(state, startOfMinute(at), startOfMinute(at) + minuteMs)
  return minute
}

/** Returns every part of every bucket, as text that contains its bytes. */
export function historyOf(state: SiteState): string[] {
  return (['minute', 'hour', 'day'] as const).flatMap(tier =>
    (tier === 'minute' ? partsOf(tier) : partNames).flatMap(part =>
      runToCompletion(state.history.tiers.read(tier, part, 0, 9e15)).map(
        ({ start: at, bytes }) => `${tier} ${part} ${at} ${Buffer.from(bytes).toString('hex')}`,
      ),
    ),
  )
}

/** Everything that can be read from a state, for comparison. */
export interface Readings extends Record<string, unknown> {
  recentEvents: unknown
  minutes: unknown
}

/** Reads everything from a state. */
export function readAll(state: SiteState): Readings {
  return {
    currentVisitors: state.currentVisitors(),
    activePages: state.activePages(),
    pageVisitors: ['/', '/a', '__proto__'].map(path => state.visitorsOf(path)),
    referrers: state.referrers(),
    countries: state.countries(),
    devices: state.devices(),
    pageViews: windowMinutes.map((window: WindowMinutes) => state.pageViews(window)),
    events: windowMinutes.map((window: WindowMinutes) => state.events(window)),
    goals: windowMinutes.map((window: WindowMinutes) => state.goals(window)),
    values: state.values(),
    secondSeries: state.secondSeries(),
    minuteSeries: state.minuteSeries(),
    recentEvents: state.recentEvents(),
    history: historyOf(state),
    minutes: minutesOf(state, 0, 9e15),
    overflow: [...state.overflow],
    isIdle: state.isIdle(),
  }
}

const clients = fc.constantFrom('c1', 'c2', 'c3')
/** Events in which each client belongs to one visitor, as each page load does. */
export const events: fc.Arbitrary<SiteEvent> = fc
  .record({
    name: fc.constantFrom('page_view', 'page_view', 'sign_up', '__proto__', 'engagement'),
    ageMs: fc.oneof(fc.nat(1000), fc.nat(2 * hourMs), fc.constant(defaultBounds.activeMs)),
    client: clients,
    n: fc.integer({ min: 1, max: 12 }),
    path: fc.constantFrom('/', '/a', '__proto__', undefined),
    source: fc.constantFrom('x.example', undefined),
    country: fc.constantFrom('FR', undefined),
    goals: fc.constantFrom([], ['Joined'], ['Joined', 'Paid']),
    value: fc.constantFrom(undefined, 1, 0.1, -3),
    session: fc.constantFrom(undefined, 's'),
    bot: fc.constantFrom(undefined, undefined, undefined, 'Googlebot'),
  })
  .map(({ ageMs, ...fields }) =>
    event({ ...fields, visitor: `visitor of ${fields.client}`, at: start - ageMs }),
  )

/** Event lists with the time between them. */
export const batches: fc.Arbitrary<{ events: SiteEvent[]; afterMs: number }[]> = fc.array(
  fc.record({ events: fc.array(events, { maxLength: 5 }), afterMs: fc.nat(3 * minuteMs) }),
  { maxLength: 12 },
)
/** Bounds that are small enough for a property test to exceed. */
export const smallBounds: RollupBounds = { ...defaultBounds, maxListRows: 2, maxFeedEntries: 5 }

/** Creates log records with ascending arrival times; each record arrives after its events happened. */
export function toRecords(all: readonly { events: SiteEvent[]; afterMs: number }[]): SiteBatch[] {
  let receivedAt = start
  return all.map(({ events: some, afterMs }, index) => {
    receivedAt += afterMs
    return batch(index + 1, some, receivedAt)
  })
}
