import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import type { Hash } from '../sketch/hash.ts'
import { HyperLogLog } from '../sketch/hyper-log-log.ts'
import {
  type Audience,
  createAudience,
  mergeAudience,
  readAudience,
  writeAudience,
} from './audience.ts'

/** Precision of a site's visitors: 2^14 registers, a standard error of 0.8 %. */
export const visitorPrecision = 14

/** Totals of the events in one bucket. */
export interface Totals {
  events: number
  pageViews: number
  /** Sessions that started in the bucket. Negative in a change that moves a start to an earlier bucket. */
  sessions: number
  /** Sessions that started in the bucket and have a single event. */
  bounces: number
  /** Events of bots. No other number includes them. */
  botEvents: number
  /** Page views of the sessions that started in the bucket; can be negative in a change, as the next two. */
  sessionViews: number
  /** Time from the first to the last event of these sessions, in milliseconds. */
  sessionMs: number
  /** Engaged time of these sessions, in milliseconds. */
  engagedMs: number
  readonly visitors: HyperLogLog
  /** Known users, new and returning visitors; `undefined` until one of them is counted. */
  audience: Audience | undefined
}

export function createTotals(precision: number = visitorPrecision): Totals {
  return {
    events: 0,
    pageViews: 0,
    sessions: 0,
    bounces: 0,
    botEvents: 0,
    sessionViews: 0,
    sessionMs: 0,
    engagedMs: 0,
    visitors: new HyperLogLog(precision),
    audience: undefined,
  }
}

export function countEvent(totals: Totals, isPageView: boolean, visitor: Hash, times = 1): void {
  totals.events += times
  if (isPageView) totals.pageViews += times
  totals.visitors.add(visitor)
}

export function mergeTotals(into: Totals, from: Totals): void {
  into.events += from.events
  into.pageViews += from.pageViews
  into.sessions += from.sessions
  into.bounces += from.bounces
  into.botEvents += from.botEvents
  into.sessionViews += from.sessionViews
  into.sessionMs += from.sessionMs
  into.engagedMs += from.engagedMs
  into.visitors.merge(from.visitors)
  if (from.audience) mergeAudience((into.audience ??= createAudience()), from.audience)
}

export function writeTotals(totals: Totals, writer: ByteWriter): void {
  writer.uint(totals.events)
  writer.uint(totals.pageViews)
  writer.int(totals.sessions)
  writer.int(totals.bounces)
  writer.uint(totals.botEvents)
  writer.int(totals.sessionViews)
  writer.int(totals.sessionMs)
  writer.int(totals.engagedMs)
  totals.visitors.write(writer)
  writer.uint(totals.audience ? 1 : 0)
  if (totals.audience) writeAudience(totals.audience, writer)
}

export function readTotals(reader: ByteReader): Totals {
  return {
    events: reader.uint(),
    pageViews: reader.uint(),
    sessions: reader.int(),
    bounces: reader.int(),
    botEvents: reader.uint(),
    sessionViews: reader.int(),
    sessionMs: reader.int(),
    engagedMs: reader.int(),
    visitors: HyperLogLog.read(reader),
    audience: reader.uint() === 1 ? readAudience(reader) : undefined,
  }
}
