import { describe, expect, it } from 'vitest'
import { parseBatch } from '../ingest/batch.ts'
import { decideBatch, parseDecision, rebuildEvents } from '../ingest/decide.ts'
import { type Selection, eraseFromRecord } from './erase-record.ts'
import { senderFacts } from '../testing/sender-facts.ts'

const receivedAt = Date.UTC(2026, 2, 10, 12)
const facts = senderFacts({ country: 'DE' })

/** A record as ingest logs it. */
function recordOf(body: object, derived = '~derived') {
  const text = JSON.stringify(body)
  const batch = parseBatch(text, true)
  if (typeof batch === 'string') throw new Error(batch)
  const template = decideBatch(
    batch,
    {
      ...facts,
      deriveVisitorId: () => derived,
      ofVisitor: ({ address }) => ({
        ...facts,
        deriveVisitorId: () => `~${address}`,
      }),
    },
    receivedAt,
    { goalsOf: name => (name === 'goal' ? ['Goal'] : []) },
  )
  return { site: 'shop', receivedAt, body: text, decision: JSON.stringify(template.decision) }
}

const erase = (body: object, selection: Selection) => {
  const { record, erased } = eraseFromRecord(recordOf(body), selection)
  const { events } = rebuildEvents(record.body, parseDecision(record.decision), receivedAt)
  return { record, erased, names: events.map(({ name }) => name), events }
}

const visitors = (...ids: string[]): Selection => ({ kind: 'people', visitors: ids, users: [] })
const visitor = visitors('ada')

describe('eraseFromRecord', () => {
  it('erases the events of a visitor, and keeps the others as they were', () => {
    const events = [
      { name: 'a', visitorId: 'ada', n: 1 },
      { name: 'goal', visitorId: 'bob', n: 2 },
      { name: 'heartbeat', visitorId: 'ada', n: 3 },
      { name: '', visitorId: 'ada' },
    ]
    const { record, erased, names, events: kept } = erase({ client: 'c', events }, visitor)
    expect([erased, names]).toEqual([3, ['goal']])
    expect(kept[0]).toMatchObject({ index: 1, n: 2, goals: ['Goal'], sender: { visitor: 'bob' } })
    expect(record.body).not.toContain('ada')
  })

  it('erases a shared ID together with the events that have it', () => {
    const events = [{ name: 'a' }, { name: 'b', visitorId: 'bob' }]
    const { record, names } = erase({ visitorId: 'ada', events }, visitor)
    expect([names, record.body.includes('ada')]).toEqual([['b'], false])
  })

  it('erases a body of one event, with the facts about its sender', () => {
    const { record, erased, names } = erase({ name: 'a', visitorId: 'ada' }, visitor)
    expect([erased, names]).toEqual([1, []])
    expect([record.body, record.decision]).toEqual([
      ...['{"events":[]}', '{"rejected":[],"skewMs":0}'],
    ])
  })

  it('finds a visitor by the derived ID of a request or of an event', () => {
    const events = [{ name: 'a', address: '198.51.100.7' }, { name: 'b' }]
    const byRequest = erase({ events }, visitors('~derived'))
    expect([byRequest.names, byRequest.record.decision.includes('~derived')]).toEqual([
      ['a'],
      false,
    ])
    const byEvent = erase({ events }, visitors('~198.51.100.7'))
    expect(byEvent.names).toEqual(['b'])
    expect(byEvent.record.decision).not.toContain('~198.51.100.7')
  })

  it('erases the events of a user, of the event or shared', () => {
    const user: Selection = { kind: 'people', visitors: [], users: ['ada@example.com'] }
    const events = [
      { name: 'a', visitorId: 'v', userId: 'ada@example.com' },
      { name: 'b', visitorId: 'v' },
      { name: 'c', visitorId: 'v', userId: 'bob' },
    ]
    expect(erase({ events }, user).names).toEqual(['b', 'c'])
    const shared = erase({ userId: 'ada@example.com', events }, user)
    expect(shared.names).toEqual(['c'])
    expect(shared.record.body).not.toContain('ada@')
  })

  it('erases several visitors and users at once', () => {
    const events = [
      { name: 'a', visitorId: 'ada' },
      { name: 'b', visitorId: 'bob', userId: 'bob@example.com' },
      { name: 'c', visitorId: 'eve' },
      { name: 'd', visitorId: 'kim' },
    ]
    const people: Selection = {
      ...{ kind: 'people', visitors: ['ada', 'kim'], users: ['bob@example.com'] },
    }
    expect(erase({ events }, people).names).toEqual(['c'])
  })

  it('erases the events of a range by their corrected times', () => {
    const minuteMs = 60_000
    const events = [-3, -2, -1].map(minutes => ({
      ...{ name: `${minutes}`, visitorId: 'v', timestamp: receivedAt + minutes * minuteMs },
    }))
    const range = (from: number, to: number): Selection => ({
      ...{ kind: 'time', from: receivedAt + from * minuteMs, to: receivedAt + to * minuteMs },
    })
    expect(erase({ events }, range(-2, -1)).names).toEqual(['-3', '-1'])
    // The clock of the sender is five minutes slow.
    const slow = { sentAt: receivedAt - 5 * minuteMs, events }
    expect(erase(slow, range(0, 1)).names).toEqual([])
    // An event without a time happened when it arrived.
    expect(erase({ name: 'a', visitorId: 'v' }, range(0, 1)).names).toEqual([])
    expect(erase({ name: 'a', visitorId: 'v' }, range(-1, 0)).names).toEqual(['a'])
  })

  it('returns the record itself without a selected event', () => {
    const record = recordOf({ name: 'a', visitorId: 'bob' })
    expect(eraseFromRecord(record, visitor).record).toBe(record)
  })
})
