import type { Checkpoint, IncompleteRange, Store, StoredPart, StoredSegment } from './store.ts'

/** All that is to be written of a site, with what came later in place of what came before. */
interface Unwritten {
  offset: number
  state: Uint8Array
  readonly segments: Map<string, StoredSegment>
  readonly parts: Map<string, StoredPart>
  readonly incomplete: readonly IncompleteRange[]
}

interface Line {
  /** What is being written, and what waits for that. */
  writing: Unwritten | undefined
  waiting: Unwritten | undefined
  /** Resolves when what waits is written; there is none while nobody has asked for that again. */
  flushed: Promise<void> | undefined
  /** Of the last that was to be written. */
  last: Promise<void>
}

/**
 * A store that takes its time to write, made one that has what it was given at once: what is on its way is laid
 * over what is read, so that whoever made a checkpoint may forget it. What could not be written goes
 * with the next checkpoint of its site. There is one of a site at a time on its way.
 */
export function createWriteBehind(store: Store): Store {
  const lines = new Map<string, Line>()

  function lineOf(site: string): Line {
    const known = lines.get(site)
    if (known) return known
    const line: Line = {
      ...{ writing: undefined, waiting: undefined, flushed: undefined },
      last: Promise.resolve(),
    }
    lines.set(site, line)
    return line
  }

  async function flush(site: string, line: Line): Promise<void> {
    const { waiting } = line
    line.writing = waiting
    line.waiting = undefined
    line.flushed = undefined
    if (!waiting) return
    try {
      await store.commit(site, toCheckpoint(waiting))
    } catch (error) {
      line.waiting = line.waiting ? add(waiting, toCheckpoint(line.waiting)) : waiting
      throw error
    } finally {
      line.writing = undefined
    }
    if (!line.waiting) lines.delete(site)
  }

  return {
    sites: store.sites,
    expire: store.expire,
    commit(site, checkpoint) {
      const line = lineOf(site)
      line.waiting = add(line.waiting, checkpoint)
      if (!line.flushed) {
        line.flushed = Promise.allSettled([line.last]).then(() => flush(site, line))
        line.last = line.flushed
      }
      return line.flushed
    },
    read(site, tier, part, from, to) {
      const rows = store.read(site, tier, part, from, to)
      const line = lines.get(site)
      if (!line) return rows
      const laid = new Map(rows.map(row => [row.start, row]))
      for (const unwritten of [line.writing, line.waiting]) {
        for (const row of unwritten?.parts.values() ?? []) {
          const isAsked = row.tier === tier && row.part === part
          if (isAsked && row.start >= from && row.start < to) laid.set(row.start, row)
        }
      }
      return [...laid.values()].toSorted((a, b) => a.start - b.start)
    },
    completeFrom(site, tier) {
      const line = lines.get(site)
      const unwritten = [line?.writing, line?.waiting].flatMap(each => each?.incomplete ?? [])
      const befores = unwritten.filter(each => each.tier === tier).map(each => each.before)
      return Math.max(store.completeFrom(site, tier), ...befores)
    },
  }
}

function add(before: Unwritten | undefined, { offset, state, ...changed }: Checkpoint): Unwritten {
  const segments = new Map(before?.segments)
  const parts = new Map(before?.parts)
  for (const each of changed.segments) segments.set(`${each.table} ${each.id}`, each)
  for (const each of changed.parts) parts.set(`${each.tier} ${each.part} ${each.start}`, each)
  const incomplete = [...(before?.incomplete ?? []), ...(changed.incomplete ?? [])]
  return { offset, state, segments, parts, incomplete }
}

function toCheckpoint({ segments, parts, ...others }: Unwritten): Checkpoint {
  return { ...others, segments: [...segments.values()], parts: [...parts.values()] }
}
