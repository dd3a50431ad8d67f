import type { ErrorCode, EventCode } from '@tidemark/protocol'
import type { RollupBounds, OverflowKind } from '../rollup/bounds.ts'
import type { DedupeCounts } from '../rollup/site-tables.ts'
import type { SiteState } from '../rollup/site.ts'

/** A bound, and how often it was in the way. */
export interface LimitRow {
  /** What there may be. */
  limit: number
  /** What found no room: events for `maxBreakdownRows` and the like, rows that were forgotten for others. */
  overflow: number
}

/** The body of `GET limits`. */
export interface LimitsAnswer {
  /** The bounds of the site at which something finds no room, and what they turned away since its first event. */
  limits: Record<string, LimitRow>
  /** What has come since the server started, and is not counted, or may be counted again. */
  sinceStart: DedupeCounts & {
    /** Requests that were let in and refused whole, by their code. What is sent again counts again. */
    refused: Partial<Record<ErrorCode, number>>
    /** Events of the others that were rejected, by their code. */
    rejected: Partial<Record<EventCode, number>>
    /** Events whose time was yet to come when they came, and was cut there. */
    clamped: number
  }
}

/** What ingest did not take as it came. */
interface IntakeTally {
  readonly refused: ReadonlyMap<ErrorCode, number>
  readonly rejected: ReadonlyMap<EventCode, number>
  readonly clamped: number
}

const boundOf = {
  visitors: 'maxActiveVisitors',
  clients: 'maxClients',
  client_holes: 'maxClientHoles',
  sessions: 'maxSessions',
  goal_visitors: 'maxGoalVisitors',
  live_names: 'maxLiveNames',
  names: 'maxBreakdownRows',
  value_names: 'maxValueNames',
} as const satisfies Record<OverflowKind, keyof RollupBounds>

const overflowKinds = Object.entries(boundOf) as [OverflowKind, keyof RollupBounds][]

/** `GET limits`: what a site's bounds are, and what they turned away. */
export function answerLimits(
  state: Pick<SiteState, 'overflow' | 'bounds' | 'dedupe'>,
  { refused, rejected, clamped }: IntakeTally,
): Response {
  const { overflow, bounds, dedupe } = state
  const rows = overflowKinds.map(([what, bound]): [string, LimitRow] => [
    bound,
    { limit: bounds[bound], overflow: overflow.get(what) ?? 0 },
  ])
  const answer: LimitsAnswer = {
    limits: Object.fromEntries(rows),
    sinceStart: {
      ...dedupe,
      refused: Object.fromEntries(refused),
      rejected: Object.fromEntries(rejected),
      clamped,
    },
  }
  return Response.json(answer, { headers: { 'Cache-Control': 'no-store' } })
}
