/** Every bound of a site's state, in one place. */
export interface RollupBounds {
  /** How long a visitor stays active after the last sign of life. @default 5 minutes */
  activeMs: number
  /** How long a leave waits for the next page of the same visitor. @default 10 seconds */
  leaveGraceMs: number
  /** How long minutes, and the windows that make events count once, are kept. @default 48 hours */
  retentionMs: number
  /** @default 200,000 */
  maxActiveVisitors: number
  /** Clients whose event numbers are remembered. @default 200,000 */
  maxClients: number
  /** Numbers that one client may have out of order or missing. @default 4,096 */
  maxClientHoles: number
  /** Distinct paths, and distinct event names, in one minute; the rest is counted as one. @default 1,000 */
  maxNamesPerMinute: number
  /** Rows of a ranked list before the rest row. @default 50 */
  maxListRows: number
  /** @default 50 */
  maxFeedEntries: number
}

export const defaultBounds: RollupBounds = {
  activeMs: 5 * 60_000,
  leaveGraceMs: 10_000,
  retentionMs: 48 * 3_600_000,
  maxActiveVisitors: 200_000,
  maxClients: 200_000,
  maxClientHoles: 4096,
  maxNamesPerMinute: 1000,
  maxListRows: 50,
  maxFeedEntries: 50,
}

/** What a bound turned away or forgot, by what it was. Nothing is lost in silence. */
export type TurnedAway = 'visitors' | 'clients' | 'client_holes' | 'names'

export type Tally = Map<TurnedAway, number>

export function countTurnedAway(tally: Tally, what: TurnedAway): void {
  tally.set(what, (tally.get(what) ?? 0) + 1)
}
