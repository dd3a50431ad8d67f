import { type BucketBounds, defaultBucketBounds } from './bucket/parts.ts'

/** All bounds of a site's state. */
export interface RollupBounds extends BucketBounds {
  /** How long a visitor stays active after the last event or heartbeat. @default 5 minutes */
  activeMs: number
  /** Time between a leave signal and the end of the visit, for the next page to arrive. @default 10 seconds */
  leaveGraceMs: number
  /** How long event numbers are remembered for deduplication, and sessions for late events. @default 48 hours */
  dedupeWindowMs: number
  /** @default 200,000 */
  maxActiveVisitors: number
  /** Clients with remembered event numbers. @default 1,000,000 */
  maxClients: number
  /** Event numbers of one client that may be missing or out of order. @default 4,096 */
  maxClientHoles: number
  /** Sessions to which a late event may still belong. @default 1,000,000 */
  maxSessions: number
  /** Longest gap between two events of one session. @default 30 minutes */
  sessionGapMs: number
  /** Pages of recent sessions. The sessions of other pages count in the rest of entry and exit pages. @default 20,000 */
  maxSessionPages: number
  /**
   * How long seconds are retained: 10 minutes, and 10 more seconds so that a request for all 10 minutes finds them.
   * @default 10 minutes and 10 seconds
   */
  secondsMs: number
  /** Visitors remembered per goal in the last hour. @default 10,000 */
  maxGoalVisitors: number
  /** Event names with their own live count. @default 200 */
  maxLiveNames: number
  /** Rows of a ranked list, without the row "(other)". @default 50 */
  maxListRows: number
  /** @default 50 */
  maxFeedEntries: number
}

export const defaultBounds: RollupBounds = {
  ...defaultBucketBounds,
  activeMs: 5 * 60_000,
  leaveGraceMs: 10_000,
  dedupeWindowMs: 48 * 3_600_000,
  maxActiveVisitors: 200_000,
  maxClients: 1_000_000,
  maxClientHoles: 4096,
  maxSessions: 1_000_000,
  sessionGapMs: 30 * 60_000,
  maxSessionPages: 20_000,
  secondsMs: 10 * 60_000 + 10_000,
  maxGoalVisitors: 10_000,
  maxLiveNames: 200,
  maxListRows: 50,
  maxFeedEntries: 50,
}

/** Items that can exceed a bound. */
export type OverflowKind =
  | 'visitors'
  | 'clients'
  | 'client_holes'
  | 'sessions'
  | 'goal_visitors'
  | 'live_names'
  | 'names'
  | 'value_names'
  | 'session_pages'
  | 'properties'

/** Number of items that a bound has rejected or evicted, by kind. Every bound counts its overflow. */
export type OverflowCounts = Map<OverflowKind, number>

/** @param times number of items; 0 adds no entry. @default 1 */
export function countOverflow(counts: OverflowCounts, kind: OverflowKind, times = 1): void {
  if (times > 0) counts.set(kind, (counts.get(kind) ?? 0) + times)
}
