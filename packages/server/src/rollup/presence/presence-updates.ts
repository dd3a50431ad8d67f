import type { SiteEvent } from '../event.ts'
import { type PresenceUpdate, sourceOf } from './presence.ts'

/**
 * Merges consecutive events of one visitor into one presence update, so that a batch costs one lookup per visitor.
 * Nobody can read the positions between the events of a batch, so merging loses nothing.
 */
export interface PresenceUpdates {
  /** Merges an event into the pending update. An event of another visitor applies the pending update first. */
  add(event: SiteEvent): void
  /** Applies the pending update, if there is one. */
  flush(): void
}

/** @param apply applies one merged update of a visitor */
export function createPresenceUpdates(
  apply: (visitor: string, update: PresenceUpdate) => void,
): PresenceUpdates {
  let visitor: string | undefined
  let pending: PresenceUpdate | undefined

  function flush(): void {
    if (visitor !== undefined && pending) apply(visitor, pending)
    visitor = undefined
    pending = undefined
  }

  return {
    add(event) {
      const { sender } = event
      if (sender.visitor !== visitor) flush()
      visitor = sender.visitor
      pending ??= { path: undefined, source: undefined, country: undefined, device: undefined }
      // A field that a later event omits keeps the value of an earlier event.
      pending.path = event.path ?? pending.path
      pending.source = sourceOf(event) ?? pending.source
      pending.country = sender.country ?? pending.country
      pending.device = sender.device
    },
    flush,
  }
}
