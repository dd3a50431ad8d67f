import type { ErrorCode, EventCode } from '@tidemark/protocol'
import type { Log } from '../log/log.ts'
import type { DamagedParts } from '../log/store.ts'
import { type RetentionMs, retainedFrom } from '../rollup/history/retention.ts'
import type { Tier } from '../rollup/history/tier.ts'
import type { SiteState } from '../rollup/site.ts'
import type { Clock } from '../shared/clock.ts'
import { toLiveSource } from './channels.ts'
import { type IntakeWarnings, createIntakeWarnings } from './intake-warnings.ts'
import { type SiteStreams, createSiteStreams } from './site-streams.ts'
import { isIntakeWarningKind } from './warning-texts.ts'

/** One site: its state, and the streams that publish the state. */
export interface Site {
  readonly id: string
  readonly state: SiteState
  readonly streams: SiteStreams
  /** Returns the time from which all buckets of a tier are stored, in milliseconds since 1970. */
  availableFrom(tier: Tier): number
  /** Returns the stored buckets of a part that are damaged, as the ranges of their starts. */
  damagedIn(part: string): readonly DamagedParts[]
  readonly intake: IntakeCounts
  /** The same facts with their times, in words. */
  readonly warnings: IntakeWarnings
}

/** Requests and events that ingest refused or changed since the server started. */
export interface IntakeCounts {
  /** Authorized requests that were refused as a whole, by error code. */
  readonly refused: Map<ErrorCode, number>
  /** Requests that exceeded a rate limit, by its name. */
  readonly limited: Map<string, number>
  /** Rejected events of accepted requests, by error code. */
  readonly rejected: Map<EventCode, number>
  /** Events of accepted requests, without rejected ones. Repeated events are among them. */
  accepted: number
  /** Events from excluded addresses. */
  excluded: number
  /** Events from pages of hosts that the site does not list, with repeated ones. */
  otherHost: number
  /** Events with a future timestamp, which was clamped to the arrival time. */
  clamped: number
}

export interface SiteOptions {
  log: Pick<Log, 'epoch' | 'store'>
  clock: Clock
  retentionMs: RetentionMs
  /** Returns the path by which the page of a path counts. @default the path itself */
  countedPathOf?: (path: string) => string
}

export function createSite(
  id: string,
  state: SiteState,
  { log, clock, retentionMs, countedPathOf }: SiteOptions,
): Site {
  return {
    id,
    state,
    streams: createSiteStreams({
      source: toLiveSource(state, countedPathOf),
      epoch: log.epoch,
      clock,
    }),
    // After the retention was extended, the buckets that had expired before stay missing.
    availableFrom: tier =>
      Math.max(retainedFrom(retentionMs, tier, clock.now()), log.store.completeFrom(id, tier)),
    damagedIn: part => log.store.damaged(id).filter(damaged => damaged.part === part),
    intake: {
      refused: new Map(),
      limited: new Map(),
      rejected: new Map(),
      accepted: 0,
      excluded: 0,
      otherHost: 0,
      clamped: 0,
    },
    warnings: createIntakeWarnings({ state, clock }),
  }
}

/** Counts a request that was authorized and then refused. */
export function countRefusal(
  { intake, warnings }: Pick<Site, 'intake' | 'warnings'>,
  code: ErrorCode,
): void {
  intake.refused.set(code, (intake.refused.get(code) ?? 0) + 1)
  if (isIntakeWarningKind(code)) warnings.record(code)
}
