import type { IncompleteRange, Store, StoredPart, StoredSegment, StoredSite } from './store.ts'

interface MemorySite {
  offset: number
  state: Uint8Array
  segments: Map<string, StoredSegment>
  parts: Map<string, Map<number, StoredPart>>
  /** By tier, the time from which no bucket is missing. */
  completeFrom: Map<string, number>
}

/** Creates a store in memory, which ends with the process. */
export function createMemoryStore(): Store {
  const sites = new Map<string, MemorySite>()

  function siteOf(name: string): MemorySite {
    const known = sites.get(name)
    if (known) return known
    const site: MemorySite = {
      offset: 0,
      state: new Uint8Array(),
      segments: new Map(),
      parts: new Map(),
      completeFrom: new Map(),
    }
    sites.set(name, site)
    return site
  }

  function partsOf(site: MemorySite, tier: string, part: string): Map<number, StoredPart> {
    const key = `${tier} ${part}`
    const known = site.parts.get(key)
    if (known) return known
    const parts = new Map<number, StoredPart>()
    site.parts.set(key, parts)
    return parts
  }

  const completeFrom = (site: MemorySite | undefined, tier: string): number =>
    site?.completeFrom.get(tier) ?? -Infinity

  function markIncomplete(site: MemorySite, { tier, before }: IncompleteRange): void {
    site.completeFrom.set(tier, Math.max(completeFrom(site, tier), before))
  }

  return {
    *sites() {
      for (const [name, { offset, state, segments }] of sites) {
        yield { site: name, offset, state, segments: sortedSegments(segments) } satisfies StoredSite
      }
    },
    async commit(name, checkpoint) {
      const site = siteOf(name)
      site.offset = checkpoint.offset
      site.state = checkpoint.state
      for (const segment of checkpoint.segments) {
        const key = `${segment.table} ${segment.id}`
        if (segment.bytes) site.segments.set(key, segment)
        else site.segments.delete(key)
      }
      for (const part of checkpoint.parts) partsOf(site, part.tier, part.part).set(part.start, part)
      for (const range of checkpoint.incomplete ?? []) markIncomplete(site, range)
    },
    read(name, tier, part, from, to, limit) {
      const site = sites.get(name)
      if (!site) return []
      return [...partsOf(site, tier, part).values()]
        .filter(({ start }) => start >= from && start < to)
        .toSorted((a, b) => a.start - b.start)
        .slice(0, limit)
    },
    async expire(name, tier, before) {
      const site = sites.get(name)
      if (!site) return
      for (const [key, parts] of site.parts) {
        if (!key.startsWith(`${tier} `)) continue
        for (const start of parts.keys()) {
          if (start < before && parts.delete(start)) markIncomplete(site, { tier, before })
        }
      }
    },
    damaged: () => [],
    completeFrom: (name, tier) => completeFrom(sites.get(name), tier),
  }
}

function sortedSegments(segments: ReadonlyMap<string, StoredSegment>): StoredSegment[] {
  return [...segments.values()].toSorted(
    (a, b) => (a.table < b.table ? -1 : a.table > b.table ? 1 : 0) || a.id - b.id,
  )
}
