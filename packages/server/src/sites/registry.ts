import type { StoredSite } from '../log/store.ts'
import type { SiteState } from '../rollup/site.ts'
import type { Site } from './site.ts'

/** Largest number of sites of one server. It bounds memory where clients may use any site id. */
export const maxSites = 1000

/**
 * All sites by id. The state of a site exists from its checkpoint, its first event or its first request on. Its
 * streams exist from its first request on. A site without events or presence is unused, and evicted when another site
 * needs its place.
 */
export interface SiteRegistry {
  /** Creates the state of a site from its checkpoint. */
  restore(stored: StoredSite): void
  /**
   * Returns the site with this id, and creates it for its first request. An unused site without readers is evicted
   * for it.
   * @returns `undefined` when there are too many sites
   */
  open(id: string): Site | undefined
  /** Returns a site that has been opened. */
  find(id: string): Site | undefined
  /**
   * Returns the state of a site to which an event or a presence signal is applied, and creates it for its first event.
   */
  use(id: string): SiteState
  readonly count: number
  /** Returns the state of each site, and the site itself once a request has created it. */
  list(): Iterable<ListedSite>
  /** Closes the streams of all sites. */
  closeStreams(): void
}

/** A site, opened or not. */
export interface ListedSite {
  readonly id: string
  readonly state: SiteState
  /** `undefined` before its first request. */
  readonly site: Site | undefined
}

export interface SiteRegistryOptions {
  createState(id: string, stored?: StoredSite): SiteState
  createSite(id: string, state: SiteState): Site
  onEvict(id: string): void
}

export function createSiteRegistry(options: SiteRegistryOptions): SiteRegistry {
  const states = new Map<string, SiteState>()
  const sites = new Map<string, Site>()
  /** Unused sites, in the order in which they were opened. */
  const unused = new Set<string>()

  function createState(id: string, stored?: StoredSite): SiteState {
    const state = options.createState(id, stored)
    states.set(id, state)
    return state
  }

  /** Evicts the oldest unused site without readers. Its cursor stays valid: it names the empty state. */
  function evictUnused(): boolean {
    for (const id of unused) {
      const site = sites.get(id)
      if (site?.streams.hasReaders) continue
      site?.streams.close()
      sites.delete(id)
      states.delete(id)
      unused.delete(id)
      options.onEvict(id)
      return true
    }
    return false
  }

  return {
    restore: stored => void createState(stored.site, stored),
    open(id) {
      const known = sites.get(id)
      if (known) return known
      if (!states.has(id)) {
        if (states.size >= maxSites && !evictUnused()) return undefined
        unused.add(id)
      }
      const site = options.createSite(id, states.get(id) ?? createState(id))
      sites.set(id, site)
      return site
    },
    find: id => sites.get(id),
    use(id) {
      unused.delete(id)
      return states.get(id) ?? createState(id)
    },
    get count() {
      return states.size
    },
    *list() {
      for (const [id, state] of states) yield { id, state, site: sites.get(id) }
    },
    closeStreams() {
      for (const site of sites.values()) site.streams.close()
    },
  }
}
