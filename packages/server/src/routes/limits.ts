import type { ErrorCode, EventCode } from '@tidemark/protocol'
import type { RateName } from '../guard/rates.ts'
import type { RollupBounds, OverflowKind } from '../rollup/bounds.ts'
import type { DedupeCounts } from '../rollup/site-tables.ts'
import type { RouteHandler } from './context.ts'

/** A bound, and how often it was exceeded. */
export interface LimitRow {
  limit: number
  /** How many events or rows found no room, or evicted others. */
  overflow: number
}

/** The body of `GET limits`. */
export interface LimitsAnswer {
  /** The bounds of the site by name, with their overflow since its first event. */
  limits: Record<string, LimitRow>
  /** Events since the server started that are not counted, or might be counted twice. */
  sinceStart: DedupeCounts & {
    /** Requests that were authorized and then refused, by error code. Retries count again. */
    refused: Partial<Record<ErrorCode, number>>
    /** Requests of senders and readers that exceeded a rate limit, by the name of the limit in `rates`. */
    limited: Partial<Record<RateName, number>>
    /** Rejected events of accepted requests, by code. */
    rejected: Partial<Record<EventCode, number>>
    /** Events from excluded addresses. */
    excluded: number
    /** Events from pages of hosts that the site does not list. */
    otherHost: number
    /** Events with a future timestamp, clamped to the arrival time. */
    clamped: number
  }
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
  session_pages: 'maxSessionPages',
  properties: 'maxProperties',
} as const satisfies Record<OverflowKind, keyof RollupBounds>

const overflowKinds = Object.entries(boundOf) as [OverflowKind, keyof RollupBounds][]

/** `GET limits`: the bounds of a site and their overflow. */
export const answerLimits: RouteHandler = c => {
  const { state, intake } = c.get('site')
  const { overflow, bounds, dedupe } = state
  const rows = overflowKinds.map(([kind, bound]): [string, LimitRow] => [
    bound,
    { limit: bounds[bound], overflow: overflow.get(kind) ?? 0 },
  ])
  const answer: LimitsAnswer = {
    limits: Object.fromEntries(rows),
    sinceStart: {
      ...dedupe,
      refused: Object.fromEntries(intake.refused),
      limited: Object.fromEntries(intake.limited),
      rejected: Object.fromEntries(intake.rejected),
      excluded: intake.excluded,
      otherHost: intake.otherHost,
      clamped: intake.clamped,
    },
  }
  return Response.json(answer, { headers: { 'Cache-Control': 'no-store' } })
}
