import { type BucketBounds, defaultBucketBounds } from './bucket/parts.ts'

/** Every bound of a site's state, in one place. */
export interface RollupBounds extends BucketBounds {
  /** How long a visitor stays active after the last sign of life. @default 5 minutes */
  activeMs: number
  /** How long a leave waits for the next page of the same visitor. @default 10 seconds */
  leaveGraceMs: number
  /** How long the windows that make events count once, and sessions for late events, are kept. @default 48 hours */
  dedupeWindowMs: number
  /** @default 200,000 */
  maxActiveVisitors: number
  /** Clients whose event numbers are remembered. @default 1,000,000 */
  maxClients: number
  /** Numbers that one client may have out of order or missing. @default 4,096 */
  maxClientHoles: number
  /** Sessions that a late event may still belong to. @default 1,000,000 */
  maxSessions: number
  /** How long a visitor may be quiet within a session. @default 30 minutes */
  sessionGapMs: number
  /** How long seconds are kept. @default 10 minutes, and 10 seconds for who asks for all of them */
  secondsMs: number
  /** Visitors who reached one goal in the last hour. @default 10,000 */
  maxGoalVisitors: number
  /** Event names that have a live count of their own. @default 200 */
  maxLiveNames: number
  /** Rows of a ranked list before the rest row. @default 50 */
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
  secondsMs: 10 * 60_000 + 10_000,
  maxGoalVisitors: 10_000,
  maxLiveNames: 200,
  maxListRows: 50,
  maxFeedEntries: 50,
}

/** What a bound turned away or forgot, by what it was. Nothing is lost in silence. */
export type OverflowKind =
  | 'visitors'
  | 'clients'
  | 'client_holes'
  | 'sessions'
  | 'goal_visitors'
  | 'live_names'
  | 'names'
  | 'value_names'

export type OverflowCounts = Map<OverflowKind, number>

export function countOverflow(tally: OverflowCounts, what: OverflowKind, times = 1): void {
  if (times > 0) tally.set(what, (tally.get(what) ?? 0) + times)
}
