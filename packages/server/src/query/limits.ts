import type { EventCode } from '@tidemark/protocol'
import type { RollupBounds, TurnedAway } from '../rollup/bounds.ts'
import type { DedupeCounts, SiteState } from '../rollup/site.ts'

/** A bound, and how often it was in the way. */
export interface LimitRow {
  /** What there may be. */
  limit: number
  /** What found no room: events for `maxBreakdownRows` and the like, rows that were forgotten for others. */
  turnedAway: number
}

/** The body of `GET limits`. */
export interface LimitsAnswer {
  /** The bounds of the site, and what they turned away since its first event. */
  limits: Record<string, LimitRow>
  /** What has come since the server started, and is not counted, or may be counted again. */
  sinceStart: DedupeCounts & {
    /** Events that were turned away, by their code. */
    rejected: Partial<Record<EventCode, number>>
  }
}

const boundOf = {
  visitors: 'maxActiveVisitors',
  clients: 'maxClients',
  client_holes: 'maxClientHoles',
  sessions: 'maxSessions',
  goal_visitors: 'maxGoalVisitors',
  names: 'maxBreakdownRows',
  value_names: 'maxValueNames',
} as const satisfies Record<TurnedAway, keyof RollupBounds>

const turnedAwayBy = Object.entries(boundOf) as [TurnedAway, keyof RollupBounds][]

/** `GET limits`: what a site's bounds are, and what they turned away. */
export function answerLimits(
  state: Pick<SiteState, 'turnedAway' | 'bounds' | 'dedupe'>,
  rejected: ReadonlyMap<EventCode, number>,
): Response {
  const { turnedAway, bounds, dedupe } = state
  const rows = turnedAwayBy.map(([what, bound]): [string, LimitRow] => [
    bound,
    { limit: bounds[bound], turnedAway: turnedAway.get(what) ?? 0 },
  ])
  const answer: LimitsAnswer = {
    limits: Object.fromEntries(rows),
    sinceStart: { ...dedupe, rejected: Object.fromEntries(rejected) },
  }
  return Response.json(answer, { headers: { 'Cache-Control': 'no-store' } })
}
