import type { ByteReader, ByteWriter } from '../../shared/bytes.ts'
import type { EventSender } from '../event.ts'
import { type Hash, hash64 } from '../sketch/hash.ts'
import { HyperLogLog } from '../sketch/hyper-log-log.ts'
import { memoizeLast } from '../../shared/memoize-last.ts'

/** Distinct users and visitors of whom a sender tells more than the visitor's id. */
export interface Audience {
  /** Users that the site knows, by `userId`. */
  readonly users: HyperLogLog
  /** Visitors with an event on the day on which their browser stored the visitor's id. */
  readonly newVisitors: HyperLogLog
  /** Visitors with an event on a later day. */
  readonly returningVisitors: HyperLogLog
}

const dayMs = 86_400_000
/** Precision of the sketches, as of a site's visitors: a standard error of 0.8 %. */
const precision = 14

export function createAudience(): Audience {
  return {
    users: new HyperLogLog(precision),
    newVisitors: new HyperLogLog(precision),
    returningVisitors: new HyperLogLog(precision),
  }
}

/** Returns whether a sender has anything that an audience counts. */
export function hasAudience({ user, firstDay }: EventSender): boolean {
  return user !== undefined || firstDay !== undefined
}

/** Counts the sender of an event at the time `at`. */
export function countAudience(
  { users, newVisitors, returningVisitors }: Audience,
  { user, firstDay }: EventSender,
  at: number,
  visitor: Hash,
): void {
  if (user !== undefined) users.add(hashUser(user))
  if (firstDay === undefined) return
  const visitors = firstDay < Math.floor(at / dayMs) ? returningVisitors : newVisitors
  visitors.add(visitor)
}

const hashUser = memoizeLast(hash64)

export function mergeAudience(into: Audience, from: Audience): void {
  into.users.merge(from.users)
  into.newVisitors.merge(from.newVisitors)
  into.returningVisitors.merge(from.returningVisitors)
}

export function writeAudience(
  { users, newVisitors, returningVisitors }: Audience,
  writer: ByteWriter,
): void {
  users.write(writer)
  newVisitors.write(writer)
  returningVisitors.write(writer)
}

export function readAudience(reader: ByteReader): Audience {
  return {
    users: HyperLogLog.read(reader),
    newVisitors: HyperLogLog.read(reader),
    returningVisitors: HyperLogLog.read(reader),
  }
}
