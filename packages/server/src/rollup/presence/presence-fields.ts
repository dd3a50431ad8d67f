import { type SiteEvent, directSource, unknownSource } from '../event.ts'

/** A field of an active visitor. Each visitor has exactly one name per field, such as the latest page. */
export type PresenceField = 'path' | 'source' | 'country' | 'device'

interface PresenceFieldSpec {
  /** Name for visitors without a known value. */
  readonly unknownName: string
  /** Name that replaces only the unknown one. @default every name replaces the previous one */
  readonly weakName?: string
  /** Returns the new name from an event, or `undefined` to keep the visitor's current name. */
  readonly nameIn: (event: SiteEvent) => string | undefined
}

/**
 * All fields of an active visitor. Checkpoints store the names in the order of this record, so a new field or another
 * order changes their bytes; see `stateVersion` in `site-head.ts`.
 */
export const presenceFields: Readonly<Record<PresenceField, PresenceFieldSpec>> = {
  path: { unknownName: '(none)', nameIn: event => event.path },
  source: {
    unknownName: unknownSource,
    // A direct return keeps the source of the first visit.
    weakName: directSource,
    nameIn: ({ origin: { source } }) => (source === unknownSource ? undefined : source),
  },
  country: { unknownName: '(unknown)', nameIn: ({ sender }) => sender.country },
  device: { unknownName: 'other', nameIn: ({ sender }) => sender.device },
}

/** Fields in the order of `presenceFields`. */
export const presenceFieldNames: readonly PresenceField[] = Object.keys(
  presenceFields,
) as PresenceField[]

/**
 * New names of a visitor from events or a heartbeat, in the order of `presenceFieldNames`. A field without a name keeps
 * its current one.
 */
export type PresenceUpdate = readonly (string | undefined)[]
