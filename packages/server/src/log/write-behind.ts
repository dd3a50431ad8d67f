import type {
  Checkpoint,
  ImportRun,
  IncompleteRange,
  Store,
  StoredPart,
  StoredSegment,
} from './store.ts'

/** Unwritten changes of a site. A later value of the same segment or part replaces the earlier one. */
interface UnwrittenChanges {
  offset: number
  state: Uint8Array
  readonly segments: Map<string, StoredSegment>
  readonly parts: Map<string, StoredPart>
  readonly incomplete: readonly IncompleteRange[]
  readonly importRun: ImportRun | undefined
}

/** The write queue of a site: one checkpoint is written at a time, and later ones are merged meanwhile. */
interface SiteQueue {
  writing: UnwrittenChanges | undefined
  waiting: UnwrittenChanges | undefined
  /** Resolves when the waiting changes are written. `undefined` until a checkpoint requests it. */
  flushed: Promise<void> | undefined
  /** The last requested flush. */
  lastFlush: Promise<void>
}

/**
 * Adds a write-behind buffer to a store with slow writes. Unwritten checkpoints are merged into the results of `read`,
 * so the caller can release its changes as soon as `commit` returns. A checkpoint that could not be written is merged
 * into the site's next one.
 */
export function createWriteBehind(store: Store): Store {
  const queues = new Map<string, SiteQueue>()

  function queueOf(site: string): SiteQueue {
    const known = queues.get(site)
    if (known) return known
    const queue: SiteQueue = {
      writing: undefined,
      waiting: undefined,
      flushed: undefined,
      lastFlush: Promise.resolve(),
    }
    queues.set(site, queue)
    return queue
  }

  function unwrittenOf(site: string): UnwrittenChanges[] {
    const queue = queues.get(site)
    return [queue?.writing, queue?.waiting].filter(changes => changes !== undefined)
  }

  async function flush(site: string, queue: SiteQueue): Promise<void> {
    const { waiting } = queue
    queue.writing = waiting
    queue.waiting = undefined
    queue.flushed = undefined
    if (!waiting) return
    try {
      await store.commit(site, toCheckpoint(waiting))
    } catch (error) {
      queue.waiting = queue.waiting ? merge(waiting, toCheckpoint(queue.waiting)) : waiting
      throw error
    } finally {
      queue.writing = undefined
    }
    if (!queue.waiting) queues.delete(site)
  }

  return {
    sites: store.sites,
    expire: store.expire,
    damaged: store.damaged,
    commit(site, checkpoint) {
      const queue = queueOf(site)
      queue.waiting = merge(queue.waiting, checkpoint)
      if (!queue.flushed) {
        queue.flushed = Promise.allSettled([queue.lastFlush]).then(() => flush(site, queue))
        queue.lastFlush = queue.flushed
      }
      return queue.flushed
    },
    read(site, tier, part, from, to, limit) {
      const stored = store.read(site, tier, part, from, to, limit)
      if (!queues.has(site)) return stored
      const merged = new Map(stored.map(row => [row.start, row]))
      for (const { parts } of unwrittenOf(site)) {
        for (const row of parts.values()) {
          const isRequested = row.tier === tier && row.part === part
          if (isRequested && row.start >= from && row.start < to) merged.set(row.start, row)
        }
      }
      return [...merged.values()].toSorted((a, b) => a.start - b.start).slice(0, limit)
    },
    completeFrom(site, tier) {
      const ranges = unwrittenOf(site).flatMap(({ incomplete }) => incomplete)
      const befores = ranges.filter(range => range.tier === tier).map(({ before }) => before)
      return Math.max(store.completeFrom(site, tier), ...befores)
    },
  }
}

function merge(
  earlier: UnwrittenChanges | undefined,
  { offset, state, importRun = earlier?.importRun, ...changed }: Checkpoint,
): UnwrittenChanges {
  const segments = new Map(earlier?.segments)
  const parts = new Map(earlier?.parts)
  for (const segment of changed.segments) segments.set(`${segment.table} ${segment.id}`, segment)
  for (const part of changed.parts) parts.set(`${part.tier} ${part.part} ${part.start}`, part)
  const incomplete = [...(earlier?.incomplete ?? []), ...(changed.incomplete ?? [])]
  return { offset, state, segments, parts, incomplete, importRun }
}

function toCheckpoint({ segments, parts, ...others }: UnwrittenChanges): Checkpoint {
  return { ...others, segments: [...segments.values()], parts: [...parts.values()] }
}
