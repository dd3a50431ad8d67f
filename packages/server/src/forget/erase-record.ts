import { isObject } from '@tidemark/protocol'
import { parseJsonObject } from '../ingest/batch.ts'
import { type Decision, parseDecision } from '../ingest/decide.ts'
import type { LogRecord } from '../log/log.ts'

/** Visitors by `visitorId`, and signed-in users by `userId`. */
export interface People {
  readonly visitors: readonly string[]
  readonly users: readonly string[]
}

/** The events to erase, all of one site. */
export type Selection =
  | ({ readonly kind: 'people' } & People)
  /** Events that happened in `[from, to)`, in milliseconds since 1970. */
  | { readonly kind: 'time'; readonly from: number; readonly to: number }
  | { readonly kind: 'everything' }

/** A record without the selected events, and their number. */
export interface ErasedRecord {
  /** The record itself when no event is selected. */
  readonly record: LogRecord
  readonly erased: number
}

/**
 * Erases the selected events of a record of their site, also rejected ones and heartbeats. The other events keep their
 * positions and the decision about them, so a recovery counts them as before.
 */
export function eraseFromRecord(record: LogRecord, selection: Selection): ErasedRecord {
  const body = parseJsonObject(record.body)
  // Nothing but a body that was accepted is in the log.
  if (!body) return { record: { ...record, ...empty }, erased: 1 }
  const decision = parseDecision(record.decision)
  const list: unknown = body['events']
  const events: readonly unknown[] = Array.isArray(list) ? list : [body]
  const erased = new Set<number>()
  for (const [index, event] of events.entries()) {
    if (!isObject(event)) continue
    const facts = { event, index, body, decision, receivedAt: record.receivedAt }
    if (isSelected(facts, selection)) erased.add(index)
  }
  if (erased.size === 0) return { record, erased: 0 }
  const isEmpty = events.every((event, index) => erased.has(index) || !isObject(event))
  const rest = isEmpty ? empty : withoutEvents(body, events, decision, erased, selection)
  return { record: { ...record, ...rest }, erased: erased.size }
}

/** A body without events, and the decision about it. */
const empty = { body: '{"events":[]}', decision: '{"rejected":[],"skewMs":0}' }

interface EventFacts {
  readonly event: Record<string, unknown>
  readonly index: number
  readonly body: Record<string, unknown>
  readonly decision: Decision
  readonly receivedAt: number
}

function isSelected(facts: EventFacts, selection: Selection): boolean {
  const { event, body, decision, receivedAt } = facts
  switch (selection.kind) {
    case 'everything':
      return true
    case 'people': {
      const { visitors, users } = selection
      const visitor = event['visitorId'] ?? body['visitorId'] ?? derivedIdOf(facts)
      return has(visitors, visitor) || has(users, event['userId'] ?? body['userId'])
    }
    case 'time': {
      const { timestamp } = event
      const at = typeof timestamp === 'number' ? timestamp + decision.skewMs : receivedAt
      const time = Math.min(receivedAt, Math.floor(at))
      return selection.from <= time && time < selection.to
    }
  }
}

function has(ids: readonly string[], id: unknown): boolean {
  return typeof id === 'string' && ids.includes(id)
}

/** Returns the ID that the server derived for the visitor of an event. */
function derivedIdOf({ decision, index }: EventFacts): string | undefined {
  const described = decision.visitors?.find(({ events }) => events.includes(index))
  return described ? described.visitor : decision.visitor
}

const nobody: People = { visitors: [], users: [] }

function withoutEvents(
  body: Record<string, unknown>,
  events: readonly unknown[],
  decision: Decision,
  erased: ReadonlySet<number>,
  selection: Selection,
): Pick<LogRecord, 'body' | 'decision'> {
  const kept: Record<string, unknown> = {
    ...body,
    events: events.map((event, index) => (erased.has(index) ? null : event)),
  }
  const { visitor, goals, visitors, ...facts } = decision
  const isKept = (index: number): boolean => !erased.has(index)
  const describedKept = visitors
    ?.map(each => ({ ...each, events: each.events.filter(isKept) }))
    .filter(each => each.events.length > 0)
  // No remaining event has the ID, so none needs it as the shared one.
  const people = selection.kind === 'people' ? selection : nobody
  if (has(people.visitors, kept['visitorId'])) delete kept['visitorId']
  if (has(people.users, kept['userId'])) delete kept['userId']
  const isVisitor = has(people.visitors, visitor)
  return {
    body: JSON.stringify(kept),
    decision: JSON.stringify({
      ...(visitor !== undefined && !isVisitor && { visitor }),
      ...facts,
      ...(describedKept && describedKept.length > 0 && { visitors: describedKept }),
      ...(goals && { goals: goals.filter(([index]) => isKept(index)) }),
    }),
  }
}
