import type { DataDirectory } from '../import/data-directory.ts'
import { defaultBounds } from '../rollup/bounds.ts'
import { createSiteState } from '../rollup/site.ts'
import { runCooperatively } from '../shared/scheduling.ts'

/**
 * Tables without anything of a visitor: numbers of events by page load, and progress of imports. Others begin anew,
 * such as sessions by hashes of visitors.
 */
const keptTables: ReadonlySet<string> = new Set(['clients', 'imports'])

/**
 * Makes the live state of a site begin anew: active visitors, feed, windows, seconds and sessions. History
 * and the deduplication of events stay.
 * @throws {LogUnavailableError} when the state cannot be written
 */
export async function forgetLiveState(
  { store, zone, history }: Pick<DataDirectory, 'store' | 'zone' | 'history'>,
  site: string,
): Promise<void> {
  const stored = [...store.sites()].find(each => each.site === site)
  if (!stored) return
  const isForgotten = ({ table }: { table: string }): boolean => !keptTables.has(table)
  const segments = stored.segments.filter(each => !isForgotten(each))
  const state = createSiteState({
    bounds: { ...defaultBounds, sessionGapMs: history.sessionGapMs },
    zone,
    readStored: (tier, part, from, to, limit) =>
      store
        .read(site, tier, part, from, to, limit)
        .map(({ start, bytes }) => ({ start, part, bytes })),
    stored: { state: stored.state, segments },
    withoutLive: true,
  })
  // The empty parts have no time yet.
  state.advance(state.time)
  const { markStored, ...captured } = await runCooperatively(state.capture())
  const deleted = stored.segments
    .filter(isForgotten)
    .map(({ table, id }) => ({ table, id, bytes: undefined }))
  await store.commit(site, {
    offset: stored.offset,
    ...captured,
    segments: [...captured.segments, ...deleted],
  })
  markStored()
}
