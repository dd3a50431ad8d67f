import type { SiteEvent } from '../event.ts'
import { type PresenceUpdate, presenceFieldNames, presenceFields } from './presence-fields.ts'

/**
 * Merges consecutive events of one visitor into one presence update, so that a batch costs one lookup per visitor.
 * No reader sees the state between the events of a batch, so merging loses nothing.
 */
export interface PresenceUpdates {
  /** Merges an event into the pending update. An event of another visitor applies the pending update first. */
  add(event: SiteEvent): void
  /** Applies the pending update, if there is one. */
  flush(): void
}

/** @param apply applies one merged update of a visitor; the next `add` overwrites the update */
export function createPresenceUpdates(
  apply: (visitor: string, update: PresenceUpdate) => void,
): PresenceUpdates {
  const fields = presenceFieldNames.map(field => presenceFields[field])
  /** Visitor of the pending update, if there is one. */
  let visitor: string | undefined
  const update: (string | undefined)[] = fields.map(() => undefined)

  function flush(): void {
    if (visitor !== undefined) apply(visitor, update)
    visitor = undefined
  }

  return {
    add(event) {
      const isSameVisitor = event.sender.visitor === visitor
      if (!isSameVisitor) flush()
      visitor = event.sender.visitor
      let index = 0
      for (const { nameIn, weakName } of fields) {
        const name = nameIn(event)
        const before = isSameVisitor ? update[index] : undefined
        // A field that a later event omits keeps the name from an earlier event.
        update[index++] = name === undefined || name === weakName ? (before ?? name) : name
      }
    },
    flush,
  }
}
