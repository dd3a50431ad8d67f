import { type VisitorFacts, isObject } from '@tidemark/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Intake, type Sender, decide, parseDecision, rebuildEvents } from './decide.ts'
import { redact } from './redact.ts'
import { senderFacts } from '../testing/sender-facts.ts'

const now = Date.UTC(2026, 2, 10, 12)
const server = { country: 'DE', device: 'other', browser: '(unknown)', os: '(unknown)' } as const

/** A sender with a write key. The visitors that it describes have ids of their facts. */
const trusted: Sender = {
  ...senderFacts(server),
  deriveVisitorId: () => '~server',
  ofVisitor: ({ userAgent = '-', address = '-', country = 'DE' }: VisitorFacts) => ({
    ...senderFacts({ country, device: 'mobile', browser: 'Safari', os: 'iOS' }),
    bot: userAgent === 'bot' ? 'Googlebot' : undefined,
    deriveVisitorId: () => `~${userAgent} ${address}`,
  }),
}

const { ofVisitor: _, ...anonymous } = trusted

function decideValid(body: object, sender: Sender = trusted): Intake {
  const intake = decide(JSON.stringify(body), sender, now)
  if (typeof intake === 'string') throw new Error(`Refused: ${intake}`)
  return intake
}

const visitorsOf = ({ events }: Pick<Intake, 'events'>): unknown =>
  events.map(({ sender: { visitor, country, device, bot } }) => [
    ...[visitor, country, device, bot !== undefined],
  ])

/** Rebuilds the events of a body from the log. */
function rebuild(body: object, { decision }: Intake): Pick<Intake, 'events'> {
  return rebuildEvents(redact(JSON.stringify(body)), parseDecision(JSON.stringify(decision)), now)
}

describe('decide: facts about visitors', () => {
  const body = {
    userAgent: 'phone',
    address: '192.0.2.1',
    events: [
      { name: 'a' },
      { name: 'b', visitorId: 'ann' },
      { name: 'c', address: '2001:db8::1', country: 'fr' },
      { name: 'd', userAgent: 'bot' },
      { name: 'e', address: '2001:db8::1', country: 'fr' },
    ],
  }

  it('describe the visitors of a sender with a write key, for a batch and for an event', () => {
    const intake = decideValid(body)
    expect(visitorsOf(intake)).toEqual([
      ['~phone 192.0.2.1', 'DE', 'mobile', false],
      ['ann', 'DE', 'mobile', false],
      ['~phone 2001:db8::1', 'fr', 'mobile', false],
      ['~bot 192.0.2.1', 'DE', 'mobile', true],
      ['~phone 2001:db8::1', 'fr', 'mobile', false],
    ])
    expect(intake.decision.visitors?.map(({ events }) => events)).toEqual([[2, 4], [3]])
  })

  it('describe the visitor of a single event', () => {
    expect(visitorsOf(decideValid({ name: 'a', address: '192.0.2.7' }))).toEqual([
      ['~- 192.0.2.7', 'DE', 'mobile', false],
    ])
  })

  it('are ignored from every other sender, also invalid ones', () => {
    const odd = { ...body, address: 7, events: [{ name: 'a', country: {}, userAgent: [] }] }
    for (const each of [body, odd]) {
      const { events, decision } = decideValid(each, anonymous)
      expect(events).toHaveLength(each.events.length)
      expect(events[0]?.sender).toMatchObject({ ...server, visitor: '~server' })
      expect(decision).not.toHaveProperty('visitors')
    }
  })

  it.each([
    [{ userAgent: 7 }, 'user_agent_invalid'],
    [{ userAgent: 'x'.repeat(1001) }, 'user_agent_invalid'],
    [{ address: 'localhost' }, 'address_invalid'],
    [{ address: '192.0.2.1, 192.0.2.2' }, 'address_invalid'],
    [{ address: null }, 'address_invalid'],
    [{ country: 'Germany' }, 'country_invalid'],
    [{ country: '' }, 'country_invalid'],
    [{ country: 'ß1' }, 'country_invalid'],
  ] as const)('reject the event with %j', (facts, code) => {
    const events = [{ name: 'a', ...facts }, { name: 'b' }]
    expect(decideValid({ events }).decision.rejected).toEqual([{ index: 0, code }])
    // An invalid fact of the batch makes the events invalid that do not state it themselves.
    const valid = { userAgent: 'phone', address: '192.0.2.9', country: 'FR' }
    const shared = decideValid({ ...facts, events: [{ name: 'a' }, { name: 'b', ...valid }] })
    expect(shared.decision.rejected).toEqual([{ index: 0, code }])
    expect(visitorsOf(shared)).toEqual([['~phone 192.0.2.9', 'FR', 'mobile', false]])
  })

  it('are not in the log, which has the same events', () => {
    const intake = decideValid(body)
    const logged =
      redact(JSON.stringify(body)) + JSON.stringify({ ...intake.decision, visitors: 0 })
    for (const secret of ['192.0.2.1', '2001:db8::1', 'phone']) {
      expect(logged.replaceAll(/"visitor":"[^"]*"/g, '')).not.toContain(secret)
    }
    expect(rebuild(body, intake).events).toEqual(intake.events)
  })

  it('leave the log for every body and every sender, however they are escaped', () => {
    for (const text of [
      '{"name":"x","\\u0061ddress":"192.0.2.1"}',
      '{"events":[{"name":"x","address" : "192.0.2.1"}]}',
      '{"events":[],"userAgent":"192.0.2.1"}',
    ]) {
      expect(redact(text)).not.toContain('192.0.2.1')
    }
  })

  it('give the same events after a replay', () => {
    const fact = {
      userAgent: fc.constantFrom('phone', 'bot', '', 7),
      address: fc.constantFrom('192.0.2.1', '2001:db8::1', 'x'),
      country: fc.constantFrom('FR', 'xx', '?'),
      visitorId: fc.constantFrom('ann', 'bob'),
      url: fc.constantFrom('https://a.example/?SECRET', 'ftp://x'),
    }
    const event = fc.record(
      { name: fc.constantFrom('a', 'heartbeat'), ...fact },
      { requiredKeys: ['name'] },
    )
    const batch = fc.record(
      { events: fc.array(event, { maxLength: 6 }), ...fact },
      { requiredKeys: ['events'] },
    )
    fc.assert(
      fc.property(fc.oneof(batch, event), fc.boolean(), (random, isTrusted) => {
        const intake = decideValid(random, isTrusted ? trusted : anonymous)
        expect(rebuild(random, intake).events).toEqual(intake.events)
        expect(isObject(intake.decision)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})
