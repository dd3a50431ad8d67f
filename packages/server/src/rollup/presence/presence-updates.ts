import type { SiteEvent } from '../event.ts'
import { type PresenceUpdate, sourceOf } from './presence.ts'

/**
 * Makes one sighting of all events in a row that are of one visitor: where somebody was for no time at
 * all, on the way through a batch, is nobody's to see.
 */
export interface PresenceUpdates {
  add(event: SiteEvent): void
  /** Says the last one. */
  flush(): void
}

export function createPresenceUpdates(
  see: (visitor: string, sighting: PresenceUpdate) => void,
): PresenceUpdates {
  let visitor: string | undefined
  let sighting: PresenceUpdate | undefined

  function flush(): void {
    if (visitor !== undefined && sighting) see(visitor, sighting)
    visitor = undefined
    sighting = undefined
  }

  return {
    add(event) {
      const { sender } = event
      if (sender.visitor !== visitor) flush()
      visitor = sender.visitor
      sighting ??= { path: undefined, source: undefined, country: undefined, device: undefined }
      // What a later event does not say stays as the earlier ones said.
      sighting.path = event.path ?? sighting.path
      sighting.source = sourceOf(event) ?? sighting.source
      sighting.country = sender.country ?? sighting.country
      sighting.device = sender.device
    },
    flush,
  }
}
