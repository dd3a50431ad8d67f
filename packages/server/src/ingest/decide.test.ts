import { redact } from './redact.ts'
import { type EventCode, type TrackedEvent, errors, limits } from '@tidemark/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Decision,
  type Intake,
  type Sender,
  decide,
  parseDecision,
  rebuildEvents,
} from './decide.ts'
import { senderFacts } from '../testing/sender-facts.ts'

const now = Date.UTC(2026, 2, 10, 12)
const hourMs = 3_600_000
const facts = senderFacts({ country: 'FR', device: 'mobile', browser: 'Safari', os: 'iOS' })
const sender: Sender = { ...facts, deriveVisitorId: () => '~derived' }
const visitor = '~derived'

/** Decides about a body that is not refused as a whole. */
function decideValid(body: unknown): Intake {
  const intake = decide(typeof body === 'string' ? body : JSON.stringify(body), sender, now)
  if (typeof intake === 'string') throw new Error(`Refused: ${errors[intake].title}`)
  return intake
}

/** Returns the only event of a body. */
function decideEvent(event: unknown) {
  const { events, decision } = decideValid(event)
  const [only, ...more] = events
  if (!only || more.length > 0) throw new Error(`Not one event: ${JSON.stringify(decision)}`)
  return only
}

function codes(body: unknown): EventCode[] {
  return decideValid(body).decision.rejected.map(({ code }) => code)
}

describe('decide: body', () => {
  it('is a batch of events with their index', () => {
    const { events, decision } = decideValid({ events: [{ name: 'a' }, { name: 'b' }] })
    expect(events.map(({ index, name }) => [index, name])).toEqual([
      [0, 'a'],
      [1, 'b'],
    ])
    expect(decision).toEqual({ ...facts, visitor, skewMs: 0, rejected: [] })
  })

  it('has no field for a sender that is no HTTP client', () => {
    const decisionOf = (isHttpClient: boolean) =>
      decide('{"name":"a"}', { ...sender, isHttpClient }, now)
    expect(decisionOf(true)).toMatchObject({ decision: { isHttpClient: true } })
    expect(decisionOf(false)).not.toHaveProperty('decision.isHttpClient')
  })

  it('is a single event', () => {
    expect(decideEvent({ name: 'page_view', n: 3, client: 'c', title: 'A' })).toEqual({
      index: 0,
      sender: {
        ...facts,
        ...{ visitor: '~derived', client: 'c', session: undefined, screen: undefined },
      },
      name: 'page_view',
      at: now,
      n: 3,
      path: undefined,
      title: 'A',
      target: undefined,
      origin: { source: '(unknown)', referringPage: '(unknown)\n(none)' },
      goals: [],
      value: undefined,
    })
  })

  it('counts as a bot when a program controls the browser, also after a rebuild', () => {
    const body = JSON.stringify({ automated: true, events: [{ name: 'a' }, { name: 'b' }] })
    const intake = decide(body, sender, now)
    if (typeof intake === 'string') throw new Error(intake)
    const bot = 'Automated browser'
    expect(intake.decision).toEqual({ ...facts, visitor, bot, skewMs: 0, rejected: [] })
    expect(intake.events.map(({ sender: by }) => by.bot)).toEqual([bot, bot])
    const logged = parseDecision(JSON.stringify(intake.decision))
    expect(rebuildEvents(body, logged, now).events).toEqual(intake.events)
    expect(decideEvent({ name: 'a', automated: true }).sender.bot).toBe(bot)
    expect(decideEvent({ name: 'a', automated: false }).sender.bot).toBeUndefined()
    expect(decide('{"automated":"yes","events":[]}', sender, now)).toBe('batch_invalid')
  })

  it('counts as a bot when a program sent it, with the name of the program', () => {
    const program = { ...facts, bot: 'Googlebot', deriveVisitorId: () => visitor }
    const body = JSON.stringify({ events: [{ name: 'a' }, { name: 'b', visitorId: 'ann' }] })
    const intake = decide(body, program, now)
    if (typeof intake === 'string') throw new Error(intake)
    expect(intake.decision.bot).toBe('Googlebot')
    expect(intake.events.map(({ sender: by }) => by.bot)).toEqual(['Googlebot', 'Googlebot'])
  })

  it('of an HTTP client counts as a person if it names its visitor, also after a rebuild', () => {
    const client = { ...facts, bot: 'curl', isHttpClient: true, deriveVisitorId: () => visitor }
    const events = [{ name: 'a' }, { name: 'b', visitorId: 'ann' }, { name: 'c' }]
    for (const [automated, expected] of [
      [false, ['curl', undefined, 'curl']],
      [true, ['curl', 'curl', 'curl']],
    ] as const) {
      const body = JSON.stringify({ automated, events })
      const intake = decide(body, client, now)
      if (typeof intake === 'string') throw new Error(intake)
      expect(intake.events.map(({ sender: by }) => by.bot)).toEqual(expected)
      const logged = parseDecision(JSON.stringify(intake.decision))
      expect(rebuildEvents(body, logged, now).events).toEqual(intake.events)
    }
  })

  it('is an empty batch', () => {
    expect(decideValid({ events: [] })).toMatchObject({ events: [], signals: [] })
  })

  it.each<[string, string]>([
    ['nothing', ''],
    ['no JSON', '{"name":'],
    ['text', '"page_view"'],
    ['a number', '7'],
    ['null', 'null'],
    ['a list', '[{"name":"x"}]'],
    ['events that are no list', '{"events":{"0":{"name":"x"}}}'],
    ['events that are null', '{"events":null}'],
    ['two bodies', '{"name":"x"}{"name":"y"}'],
    ['NaN', '{"name":"x","value":NaN}'],
    ['500 KB of `[`', '['.repeat(500_000)],
    ['500 KB of lists in lists', '['.repeat(250_000) + ']'.repeat(250_000)],
    ['a thousand objects in objects', '{"a":'.repeat(80_000)],
  ])('is refused when it is %s', (_, body) => {
    expect(decide(body, sender, now)).toBe('body_invalid')
  })

  it.each([
    ['client', ''],
    ['client', 'x'.repeat(limits.maxIdLength + 1)],
    ['client', 7],
    ['client', null],
    ['client', ['c']],
    ['sentAt', '1700000000000'],
    ['sentAt', -1],
    ['sentAt', 253_402_300_800_000],
    ['sentAt', null],
  ])('is refused when %s is %j', (field, value) => {
    const body = JSON.stringify({ [field]: value, events: [{ name: 'x' }] })
    expect(decide(body, sender, now)).toBe('batch_invalid')
  })

  it('has at most as many events as the limit', () => {
    const events = Array.from({ length: limits.maxBatchEvents }, () => ({ name: 'x' }))
    expect(decideValid({ events }).events.length).toBe(1000)
    const oneMore = JSON.stringify({ events: [...events, { name: 'x' }] })
    expect(decide(oneMore, sender, now)).toBe('body_too_large')
  })
})

const long = (length: number): string => 'x'.repeat(length)

describe('decide: events', () => {
  it.each<[EventCode, unknown]>([
    ['event_invalid', 'page_view'],
    ['event_invalid', 7],
    ['event_invalid', null],
    ['event_invalid', ['page_view']],
    ['event_invalid', true],
    ['name_invalid', {}],
    ['name_invalid', { name: '' }],
    ['name_invalid', { name: 7 }],
    ['name_invalid', { name: null }],
    ['name_invalid', { name: ['page_view'] }],
    ['name_invalid', { name: { toString: 'page_view' } }],
    ['name_invalid', { name: long(201) }],
    ['name_invalid', { name: 'e\u0301'.repeat(200) }],
    ['name_invalid', { constructor: 'page_view' }],
    ['n_invalid', { name: 'x', n: 0 }],
    ['n_invalid', { name: 'x', n: -1 }],
    ['n_invalid', { name: 'x', n: 1.5 }],
    ['n_invalid', { name: 'x', n: '1' }],
    ['n_invalid', { name: 'x', n: 2 ** 53 }],
    ['n_invalid', { name: 'x', n: null }],
    ['timestamp_invalid', { name: 'x', timestamp: -1 }],
    ['timestamp_invalid', { name: 'x', timestamp: 253_402_300_800_000 }],
    ['timestamp_invalid', { name: 'x', timestamp: '2026-03-10' }],
    ['timestamp_invalid', { name: 'x', timestamp: null }],
    ['too_old', { name: 'x', timestamp: 0 }],
    ['visitor_id_invalid', { name: 'x', visitorId: '' }],
    ['visitor_id_invalid', { name: 'x', visitorId: long(129) }],
    ['visitor_id_invalid', { name: 'x', visitorId: 7 }],
    ['visitor_id_invalid', { name: 'x', visitorId: null }],
    ['session_id_invalid', { name: 'x', sessionId: '' }],
    ['session_id_invalid', { name: 'x', sessionId: {} }],
    ['user_id_invalid', { name: 'x', userId: long(129) }],
    ['user_id_invalid', { name: 'x', userId: false }],
    ['url_invalid', { name: 'x', url: '/boots' }],
    ['url_invalid', { name: 'x', url: '' }],
    ['url_invalid', { name: 'x', url: 'shop.example/boots' }],
    ['url_invalid', { name: 'x', url: 'javascript:alert(1)' }],
    ['url_invalid', { name: 'x', url: 'java\nscript:alert(1)' }],
    ['url_invalid', { name: 'x', url: 'data:text/html,x' }],
    ['url_invalid', { name: 'x', url: 'file:///etc/passwd' }],
    ['url_invalid', { name: 'x', url: 'https://' }],
    ['url_invalid', { name: 'x', url: 'https://shop.example:99999/' }],
    ['url_invalid', { name: 'x', url: 7 }],
    ['url_invalid', { name: 'x', url: `https://shop.example/${long(8200)}` }],
    ['referrer_invalid', { name: 'x', referrer: 7 }],
    ['referrer_invalid', { name: 'x', referrer: long(8193) }],
    ['title_invalid', { name: 'x', title: 7 }],
    ['title_invalid', { name: 'x', title: ['A'] }],
    ['properties_invalid', { name: 'x', properties: 'a=b' }],
    ['properties_invalid', { name: 'x', properties: null }],
    ['properties_invalid', { name: 'x', properties: ['a'] }],
    ['properties_invalid', { name: 'x', properties: [] }],
    ['properties_invalid', { name: 'x', properties: { a: null } }],
    ['properties_invalid', { name: 'x', properties: { a: { b: 1 } } }],
    ['properties_invalid', { name: 'x', properties: { a: [1] } }],
    ['properties_invalid', { name: 'x', properties: { 'a\nb': { c: 1 } } }],
    ['properties_invalid', { name: 'x', properties: { 'a\u2028b': [] } }],
    ['properties_invalid', { name: 'x', properties: { a: long(1001) } }],
    ['properties_invalid', { name: 'x', properties: { a: 2 ** 53 + 2 } }],
    ['properties_invalid', { name: 'x', properties: { [long(101)]: 1 } }],
    [
      'properties_invalid',
      { name: 'x', properties: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [i, 1])) },
    ],
    ['value_invalid', { name: 'x', value: '9.99' }],
    ['value_invalid', { name: 'x', value: null }],
    ['value_invalid', { name: 'x', value: 2 ** 53 + 2 }],
    ['value_invalid', { name: 'x', value: -(2 ** 53) - 2 }],
  ])('are rejected with %s for %j, and others are accepted', (code, event) => {
    const { events, decision } = decideValid({
      events: [{ name: 'first' }, event, { name: 'last' }],
    })
    expect(decision.rejected).toEqual([{ index: 1, code }])
    expect(events.map(({ index, name }) => [index, name])).toEqual([
      [0, 'first'],
      [2, 'last'],
    ])
  })

  it.each([
    ['value', 'value_invalid'],
    ['timestamp', 'timestamp_invalid'],
    ['n', 'n_invalid'],
  ])('are rejected when %s is 1e999', (field, code) => {
    expect(codes(`{"events":[{"name":"x","${field}":1e999}]}`)).toEqual([code])
    expect(codes(`{"events":[{"name":"x","${field}":-1e999}]}`)).toEqual([code])
  })

  it('are rejected when a property is 1e999', () => {
    expect(codes('{"events":[{"name":"x","properties":{"a":1e999}}]}')).toEqual([
      'properties_invalid',
    ])
  })

  it.each([
    ['n', 1],
    ['n', Number.MAX_SAFE_INTEGER],
    ['timestamp', now],
    ['timestamp', now - 0.5],
    ['timestamp', 253_402_300_799_999],
    ['visitorId', 'v'.repeat(128)],
    ['url', `https://shop.example/${long(8000)}`],
    ['referrer', ''],
    ['referrer', 'not an address'],
    ['title', ''],
    ['properties', {}],
    ['properties', { text: '', number: -0.5, boolean: false, ['x'.repeat(100)]: 'x'.repeat(1000) }],
    ['value', 0],
    ['value', -(2 ** 53)],
    ['unknown', { anything: [1] }],
  ])('are accepted when %s is %j', (field, value) => {
    expect(codes({ events: [{ name: 'x', [field]: value }] })).toEqual([])
  })

  it('are accepted when the value is -0, or rounds to 2^53', () => {
    expect(codes('{"events":[{"name":"x","value":-0}]}')).toEqual([])
    expect(codes('{"events":[{"name":"x","value":9007199254740993}]}')).toEqual([])
  })

  it('are rejected with one code, also for several errors', () => {
    const wrong = { name: 7, n: 'x', url: 5, title: 4, value: 'x', properties: { a: null } }
    expect(codes({ events: [wrong, wrong] })).toEqual(['n_invalid', 'n_invalid'])
  })
})

describe('decide: shared fields', () => {
  const shared = {
    client: 'c',
    visitorId: 'v',
    url: 'https://shop.example/a',
    referrer: 'https://news.example/',
    title: 'A',
  }

  it('apply to every event without the field', () => {
    const complete = {
      name: 'b',
      visitorId: 'w',
      url: 'https://shop.example/b',
      referrer: 'https://www.blog.example./x',
      title: 'B',
    }
    const [first, second] = decideValid({ ...shared, events: [{ name: 'a' }, complete] }).events
    expect(first).toMatchObject({
      sender: { client: 'c', visitor: 'v' },
      path: '/a',
      origin: { source: 'news.example' },
      title: 'A',
    })
    expect(second).toMatchObject({
      sender: { client: 'c', visitor: 'w' },
      path: '/b',
      origin: { source: 'blog.example' },
      title: 'B',
    })
  })

  it('are validated for each event, so an event with a valid field is accepted', () => {
    const events = [{ name: 'a' }, { name: 'b', url: 'https://shop.example/' }]
    expect(decideValid({ url: 'nowhere', events }).decision.rejected).toEqual([
      { index: 0, code: 'url_invalid' },
    ])
    expect(codes({ properties: { a: null }, events: [{ name: 'a' }, { name: 'b' }] })).toEqual([
      'properties_invalid',
      'properties_invalid',
    ])
  })

  it('do not include name, n, timestamp and value', () => {
    const events = [{ name: 'a', n: 1 }, { n: 2 }]
    const batch = { name: 'shared', n: 9, timestamp: 5, value: 'x', events }
    expect(decideValid(batch).decision.rejected).toEqual([{ index: 1, code: 'name_invalid' }])
  })
})

describe('decide: derived visitor id', () => {
  it('is derived once, and logged, only when an event has no visitor id', () => {
    let derived = 0
    const decideOn = (...visitorIds: (string | undefined)[]) => {
      const events = visitorIds.map(visitorId => ({ name: 'a', visitorId }))
      const counting = { ...facts, deriveVisitorId: () => `~${++derived}` }
      const intake = decide(JSON.stringify({ events }), counting, now)
      if (typeof intake === 'string') throw new Error(intake)
      return intake
    }
    expect(decideOn('v', 'w').decision).toEqual({ ...facts, skewMs: 0, rejected: [] })
    expect(derived).toBe(0)
    const { decision, events } = decideOn(undefined, 'v', undefined)
    expect(decision.visitor).toBe('~1')
    expect(events.map(event => event.sender.visitor)).toEqual(['~1', 'v', '~1'])
  })
})

describe('decide: sender object', () => {
  it('is shared by consecutive events of one visitor and session', () => {
    const visitorFields = { visitorId: 'w' }
    const visit = { ...visitorFields, sessionId: 's' }
    const raw = [{}, {}, visitorFields, visitorFields, visit, visit, {}].map(fields => ({
      name: 'a',
      ...fields,
    }))
    const senders = decideValid({ visitorId: 'v', events: raw }).events.map(({ sender: by }) => by)
    expect(senders.map(({ visitor: id, session }) => [id, session])).toEqual([
      ['v', undefined],
      ['v', undefined],
      ['w', undefined],
      ['w', undefined],
      ['w', 's'],
      ['w', 's'],
      ['v', undefined],
    ])
    const isShared = senders.map((each, index) => each === senders[index - 1])
    expect(isShared).toEqual([false, true, false, true, false, true, false])
  })
})

describe.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'events'])(
  'decide: %s',
  name => {
    it('is a valid name, property, visitor and client', () => {
      const body = `{"client":"${name}","visitorId":"${name}","events":[
      {"name":"${name}","n":1,"properties":{"${name}":1},"url":"https://shop.example/${name}"}]}`
      const { events, decision } = decideValid(body)
      expect(decision.rejected).toEqual([])
      expect(events[0]).toMatchObject({
        name,
        sender: { client: name, visitor: name },
        path: `/${name}`,
      })
    })

    it('has no effect as an unknown field', () => {
      const body = `{"events":[{"name":"x","${name}":{"name":"y","visitorId":"z"}}]}`
      expect(decideValid(body).events[0]).toMatchObject({
        name: 'x',
        sender: { visitor: '~derived' },
      })
      expect(codes(`{"events":[{"${name}":{"name":"x"}}]}`)).toEqual(['name_invalid'])
      expect(Object.keys(Object.prototype)).toEqual([])
    })
  },
)

describe('decide: time', () => {
  const at = (event: Partial<TrackedEvent>, sentAt?: number): number =>
    decideEvent({ name: 'x', ...event, ...(sentAt !== undefined && { sentAt }) }).at

  it('is the timestamp, or the arrival time without one', () => {
    expect(at({ timestamp: now - 5000 })).toBe(now - 5000)
    expect(at({})).toBe(now)
  })

  it('is a whole number of milliseconds', () => {
    expect(at({ timestamp: now - 1.5 })).toBe(now - 2)
  })

  it.each([60_000, -60_000])('is not corrected for a clock that is off by %i ms', skew => {
    expect(at({ timestamp: now - 100_000 }, now - skew)).toBe(now - 100_000)
  })

  it.each([60_001, -60_001, hourMs, -hourMs, 86_400_000])(
    'is corrected for a clock that is off by %i ms',
    skew => {
      expect(at({ timestamp: now - 100_000 - skew }, now - skew)).toBe(now - 100_000)
      expect(decideValid({ sentAt: now - skew, events: [] }).decision.skewMs).toBe(skew)
    },
  )

  it('of an event without a timestamp is not corrected', () => {
    expect(at({}, now - hourMs)).toBe(now)
  })

  it('is clamped to the arrival time', () => {
    expect(at({ timestamp: now + 1 })).toBe(now)
    expect(at({ timestamp: 253_402_300_799_999 })).toBe(now)
    expect(at({ timestamp: now }, 0)).toBe(now)
  })

  it('is at most 48 hours before the arrival', () => {
    expect(at({ timestamp: now - limits.maxEventAgeMs })).toBe(now - limits.maxEventAgeMs)
    const events = [{ name: 'x', timestamp: now - limits.maxEventAgeMs - 1 }]
    expect(codes({ events })).toEqual(['too_old'])
  })

  it('is checked for age after the correction', () => {
    const skew = 300 * hourMs
    const sentAt = now - skew
    const events = [
      { name: 'x', timestamp: sentAt - hourMs },
      { name: 'x', timestamp: sentAt - 49 * hourMs },
    ]
    expect(decideValid({ sentAt, events }).events.map(event => event.at)).toEqual([now - hourMs])
    expect(codes({ sentAt, events })).toEqual(['too_old'])
  })

  it('is within the two days before the arrival for any input', () => {
    const times = fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.nat(253_402_300_799_999))
    fc.assert(
      fc.property(times, times, (timestamp, sentAt) => {
        const intake = decide(
          JSON.stringify({ sentAt, events: [{ name: 'x', timestamp }] }),
          sender,
          now,
        )
        if (typeof intake === 'string') return
        for (const event of intake.events) {
          expect(event.at).toBeLessThanOrEqual(now)
          expect(event.at).toBeGreaterThanOrEqual(now - limits.maxEventAgeMs)
          expect(Number.isInteger(event.at)).toBe(true)
        }
      }),
    )
  })
})

describe('decide: path', () => {
  it.each([
    ['https://shop.example', '/'],
    ['https://shop.example/boots?size=42#a=red', '/boots'],
    ['https://shop.example/?size=42#/boots?color=red', '/#/boots'],
    ['http://shop.example:8080/a/../b/./c', '/b/c'],
    ['https://shop.example/%7Euser/caf%c3%a9', '/~user/caf%C3%A9'],
    ['https://shop.example/caf\u00e9', '/caf%C3%A9'],
    ['https://user:secret@shop.example/a', '/a'],
    ['https://shop.example/a\u0000b', '/a%00b'],
    ['https://shop.example/\u202egnp.exe', '/%E2%80%AEgnp.exe'],
    ['https://shop.example/a\r\nb', '/ab'],
    ['https://shop.example/\ud800', '/%EF%BF%BD'],
    ['https://shop.example/<script>', '/%3Cscript%3E'],
  ])('of %j is %j', (url, path) => {
    expect(decideEvent({ name: 'x', url }).path).toBe(path)
  })

  it('has at most as many characters as the limit', () => {
    const url = `https://shop.example/${long(5000)}`
    expect(decideEvent({ name: 'x', url }).path?.length).toBe(limits.maxPathLength)
  })
})

describe('decide: users and first days', () => {
  const shared = { firstSeen: '2026-03-09', userId: 'ann' }
  const events = [{ name: 'a', visitorId: 'v' }, { name: 'b' }, { name: 'c', userId: 'bob' }]

  it('are those of the batch or the event; a derived id has no first day, also after a rebuild', () => {
    const body = JSON.stringify({ ...shared, events })
    const intake = decide(body, sender, now)
    if (typeof intake === 'string') throw new Error(intake)
    const day = Date.UTC(2026, 2, 9) / 86_400_000
    const senders = intake.events.map(event => event.sender)
    expect(senders.map(({ user, firstDay }) => [user, firstDay])).toEqual([
      ['ann', day],
      ['ann', undefined],
      ['bob', undefined],
    ])
    expect(rebuildEvents(redact(body), intake.decision, now).events).toEqual(intake.events)
  })
})

describe('decide: source', () => {
  it.each<[string, string | undefined]>([
    ['https://news.example/story?id=1', 'news.example'],
    ['https://www.news.example/', 'news.example'],
    ['https://NEWS.example./', 'news.example'],
    ['http://xn--caf-dma.example/', 'xn--caf-dma.example'],
    ['https://shop.example/other', undefined],
    ['https://www.shop.example/', undefined],
    ['http://shop.example:8080/', undefined],
    ['https://blog.shop.example/', 'blog.shop.example'],
    ['', '(direct)'],
    ['news.example', '(unknown)'],
    ['javascript:alert(1)', '(unknown)'],
    ['android-app://com.example/', 'com.example'],
  ])('of the referrer %j is %j', (referrer, source) => {
    expect(decideEvent({ name: 'x', url: 'https://shop.example/', referrer }).origin.source).toBe(
      source,
    )
  })

  it('does not need a page', () => {
    expect(decideEvent({ name: 'x', referrer: 'https://news.example/' }).origin.source).toBe(
      'news.example',
    )
  })
})

describe('decide: text', () => {
  it.each([
    ['a lone surrogate', 'a\ud800b', 'a\ufffdb'],
    ['a pair', 'a\ud83d\ude00b', 'a\ud83d\ude00b'],
    ['NUL', 'a\u0000b', 'a\ufffdb'],
    ['a line break', 'a\r\nb', 'a\ufffd\ufffdb'],
    ['a mark that turns the direction', '\u202egnp.exe', '\ufffdgnp.exe'],
    ['an isolate', '\u2066a\u2069', '\ufffda\ufffd'],
    ['a byte order mark', '\ufeffa', '\ufffda'],
    ['a control of the second set', 'a\u0085b', 'a\ufffdb'],
    ['markup', '<script>alert(1)</script>', '<script>alert(1)</script>'],
    [
      'letters that are written from right to left',
      '\u05e9\u05dc\u05d5\u05dd',
      '\u05e9\u05dc\u05d5\u05dd',
    ],
  ])('with %s is cleaned in names and titles', (_, text, clean) => {
    const event = decideEvent({ name: text, title: `- ${text}` })
    expect(event.name).toBe(clean)
    expect(event.title).toBe(`- ${clean}`)
  })

  it('of a title is trimmed and truncated, and stays well-formed', () => {
    expect(decideEvent({ name: 'x', title: '  A  ' }).title).toBe('A')
    const title = decideEvent({ name: 'x', title: `${long(299)}\ud83d\ude00` }).title ?? ''
    expect(title.length).toBe(limits.maxTitleLength)
    expect(title.isWellFormed()).toBe(true)
  })

  it('is well-formed for any input', () => {
    const text = fc.string({ unit: fc.nat(0xffff).map(code => String.fromCharCode(code)) })
    fc.assert(
      fc.property(text, text, (name, title) => {
        const intake = decide(JSON.stringify({ name, title }), sender, now)
        if (typeof intake === 'string') return
        for (const event of intake.events) {
          expect(event.name.isWellFormed()).toBe(true)
          expect(event.title?.isWellFormed()).toBe(true)
          // oxlint-disable-next-line no-control-regex -- the pattern finds control characters
          expect(event.name + event.title).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
        }
      }),
    )
  })
})

describe('decide: heartbeats and leaves', () => {
  it('are signals instead of events, and are validated like events', () => {
    const url = 'https://shop.example/a'
    const { events, signals, decision } = decideValid({
      visitorId: 'v',
      url,
      events: [
        { name: 'heartbeat' },
        { name: 'page_view' },
        { name: 'leave' },
        { name: 'leave', visitorId: '' },
        { name: 'heartbeat', timestamp: 5 },
      ],
    })
    expect(events.map(({ index, name }) => [index, name])).toEqual([[1, 'page_view']])
    expect(signals).toMatchObject([
      { name: 'heartbeat', sender: { visitor: 'v' }, path: '/a' },
      { name: 'leave', sender: { visitor: 'v' }, path: '/a' },
    ])
    expect(decision.rejected).toEqual([
      { index: 3, code: 'visitor_id_invalid' },
      { index: 4, code: 'too_old' },
    ])
  })
})

describe('rebuildEvents', () => {
  const some = <T>(...values: T[]) => fc.constantFrom(...values)
  const fields = {
    name: some<unknown>('page_view', 'heartbeat', 'leave', '__proto__', 'a\u0000', '\ud800', '', 7),
    n: some<unknown>(1, 2, 0, 1.5),
    timestamp: some<unknown>(now, now - 5.5, now - 47 * hourMs, now - 49 * hourMs, now * 2, -1),
    visitorId: some<unknown>('v', 'constructor', '', null),
    url: some<unknown>('https://shop.example/a', 'https://shop.example/\ud800', 'nowhere'),
    referrer: some<unknown>('https://news.example/', 'https://shop.example/', ''),
    title: some<unknown>('A', ' \ud800 ', 7),
    properties: some<unknown>({ a: 1 }, { a: null }),
    value: some<unknown>(1, 'x'),
  }
  const events = fc.oneof(
    { weight: 9, arbitrary: fc.record(fields, { requiredKeys: ['name'] }) },
    { weight: 1, arbitrary: some<unknown>(null, 7, [], 'x') },
  )
  const { name, n, timestamp, value, ...shared } = fields
  const bodies = fc.oneof(
    fc.record(
      {
        ...shared,
        client: some('c', '__proto__'),
        sentAt: some(now, now - 59_000, now - hourMs, now + 30 * hourMs, 0.5),
        events: fc.array(events, { maxLength: 8 }),
      },
      { requiredKeys: ['events'] },
    ),
    fc.record(fields, { requiredKeys: ['name'] }),
  )

  it('returns the events of the original decision, from JSON alone', () => {
    fc.assert(
      fc.property(bodies, body => {
        const text = JSON.stringify(body)
        const intake = decide(text, sender, now)
        if (typeof intake === 'string') return
        const stored = JSON.parse(JSON.stringify(intake.decision)) as Decision
        expect(rebuildEvents(text, stored, now).events).toEqual(intake.events)
      }),
      { numRuns: 1000 },
    )
  })
})

/** Measures processor time, which is independent of other programs on the machine. */
function measureMs(run: () => void): number {
  const before = process.cpuUsage()
  run()
  return process.cpuUsage(before).user / 1000
}

describe('decide: slow bodies', () => {
  const times = <T>(length: number, make: (index: number) => T): T[] =>
    Array.from({ length }, (_, index) => make(index))
  const properties = (length: number, value: unknown) =>
    Object.fromEntries(times(length, index => [`k${index}`, value]))

  it.each<[string, unknown]>([
    ['thousands of wrong properties', { name: 'x', properties: properties(35_000, null) }],
    [
      'thousands of wrong properties for a thousand events',
      { properties: properties(30_000, null), events: times(1000, () => ({ name: 'x' })) },
    ],
    [
      'a long address for a thousand events',
      { url: `https://${'a.'.repeat(4000)}example/`, events: times(1000, () => ({ name: 'x' })) },
    ],
    [
      'a long referrer for a thousand events',
      {
        referrer: `https://${'\u00e9.'.repeat(4000)}example/`,
        events: times(1000, () => ({ name: 'x' })),
      },
    ],
    [
      'a title of half a megabyte for a thousand events',
      { title: ' '.repeat(500_000), events: times(1000, () => ({ name: 'x' })) },
    ],
    ['a thousand wrong events', { events: times(1000, () => ({ name: 7, n: 'x', url: 5 })) }],
    ['thousands of unknown fields', { ...properties(40_000, 1), name: 'x' }],
    ['a name of half a megabyte', { name: 'x'.repeat(500_000) }],
    ['a name of half a megabyte of combining characters', { name: `x${'\u0301'.repeat(250_000)}` }],
  ])('with %s take less than 150 ms', (_, body) => {
    const text = JSON.stringify(body)
    expect(text.length).toBeLessThanOrEqual(limits.maxBodyBytes)
    expect(measureMs(() => decide(text, sender, now))).toBeLessThan(150)
  })
})
