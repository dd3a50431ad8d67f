import type { TrackedEvent, VisitorFacts } from '@tidemark/protocol'
import { type SenderFacts, toAutomated, toFacts } from './sender-facts.ts'
import type { EventVisitor } from './site-event.ts'
import { hasFacts } from './visitor-facts.ts'

/** A visitor that the events of a batch describe themselves, as the log stores it. */
export interface LoggedVisitor extends SenderFacts {
  /** Derived ID, if an event needed it. */
  visitor?: string
  /** Positions of the events in the batch. */
  events: number[]
}

/** A sender, or a visitor that a sender describes. */
export interface FactsWithId extends SenderFacts {
  /** Derives the ID of a visitor without an ID. */
  deriveVisitorId(): string
}

/** The visitors that single events of a batch describe. */
export interface DescribedVisitors {
  /** Returns the visitor of an event; `undefined` when the event states no fact itself. */
  at(index: number, event: TrackedEvent): EventVisitor | undefined
  /** The visitors for the log, each with its events. */
  readonly logged: readonly LoggedVisitor[]
}

/**
 * @param ofVisitor returns the sender that facts describe
 * @param defaults facts of the batch, for events that state others
 * @param automated whether all events are a program's
 */
export function createDescribedVisitors(
  ofVisitor: (facts: VisitorFacts) => FactsWithId,
  defaults: VisitorFacts,
  automated: boolean,
): DescribedVisitors {
  const byFacts = new Map<string, EventVisitor & { readonly log: LoggedVisitor }>()

  function describe(facts: VisitorFacts): EventVisitor & { readonly log: LoggedVisitor } {
    const { deriveVisitorId, ...sender } = ofVisitor(facts)
    const shared = toFacts(automated ? toAutomated(sender) : sender)
    const log: LoggedVisitor = { ...shared, events: [] }
    return { ...shared, log, deriveId: () => (log.visitor ??= deriveVisitorId()) }
  }

  return {
    at(index, event) {
      if (!hasFacts(event)) return undefined
      const {
        userAgent = defaults.userAgent,
        address = defaults.address,
        country = defaults.country,
      } = event
      const key = JSON.stringify([userAgent, address, country])
      const known = byFacts.get(key)
      const visitor =
        known ??
        describe({
          ...(userAgent !== undefined && { userAgent }),
          ...(address !== undefined && { address }),
          ...(country !== undefined && { country }),
        })
      if (!known) byFacts.set(key, visitor)
      visitor.log.events.push(index)
      return visitor
    },
    get logged() {
      return [...byFacts.values()].map(({ log }) => log)
    },
  }
}

/** Returns the visitors of a logged batch by event. */
export function toVisitorsByEvent(
  visitors: readonly LoggedVisitor[],
): ReadonlyMap<number, EventVisitor> {
  return new Map(
    visitors.flatMap(({ visitor = '', events, ...facts }) => {
      const described: EventVisitor = { ...facts, deriveId: () => visitor }
      return events.map((index): [number, EventVisitor] => [index, described])
    }),
  )
}
