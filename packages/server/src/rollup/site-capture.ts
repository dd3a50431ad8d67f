import { createByteWriter } from '../shared/bytes.ts'
import type { CooperativeTask } from '../shared/cooperative-task.ts'
import type { OverflowCounts } from './bounds.ts'
import type { TieredPart } from './history/tier-checkpoint.ts'
import type { LiveState } from './live/live-state.ts'
import type { ActiveVisitors } from './presence/active-visitors.ts'
import { writeHead } from './site-head.ts'
import type { HistoryState } from './site-history.ts'
import type { SiteTables, TableSegment } from './site-tables.ts'

/** Data of one checkpoint. A site can be restored from it, so the log up to its offset can be deleted. */
export interface Capture {
  state: Uint8Array
  /** Changed segments of the site's tables. */
  segments: readonly TableSegment[]
  /** Changed minutes; newly closed hours and days, and closed ones that have changed. */
  parts: readonly TieredPart[]
  /** Reports that the store has accepted the capture: `readStored` returns its parts from now on. */
  markStored(): void
}

/** The parts of a site's state. */
export interface SiteParts {
  readonly visitors: Pick<ActiveVisitors, 'write'>
  readonly live: Pick<LiveState, 'write'>
  readonly history: Pick<HistoryState, 'write' | 'prepareCheckpoint'>
  readonly tables: Pick<SiteTables, 'unsavedSegments' | 'markStored' | 'pages'>
}

/** Captures the changes of a site as they are at the first step. */
export function* captureSite(
  { visitors, live, history, tables }: SiteParts,
  now: number,
  overflow: OverflowCounts,
): CooperativeTask<Capture> {
  const segments = tables.unsavedSegments()
  const checkpoint = history.prepareCheckpoint(now)
  // Encoding a million active visitors takes many steps. The other parts are small, so the first step encodes them.
  const tail = createByteWriter(4096)
  live.write(tail)
  history.write(tail)
  const writer = createByteWriter(4096)
  writeHead(writer, { now, closedBefore: checkpoint.closedBefore, overflow })
  tables.pages.write(writer)
  yield* visitors.write(writer)
  writer.raw(tail.finish())
  const state = writer.finish()
  const parts = yield* checkpoint.parts
  return {
    state,
    segments,
    parts,
    markStored() {
      tables.markStored()
      checkpoint.markStored()
    },
  }
}
