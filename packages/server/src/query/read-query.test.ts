import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTimeZone } from '../rollup/history/time-zone.ts'
import { type MetricsQuery, endOf, readQuery, startOf } from './read-query.ts'

const utc = createTimeZone('UTC')
const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const noon = Date.UTC(2026, 2, 10, 12)
const now = noon + 30_500
/** 10 March 2026, as days since 1970. */
const tenthOfMarch = Date.UTC(2026, 2, 10) / dayMs

/** Everything is. */
const always = { second: -Infinity, minute: -Infinity, hour: -Infinity, day: -Infinity }

/** What is asked, or the word about what is wrong with it. */
function ask(
  query: Record<string, string | number>,
  zone = utc,
  keptFrom = always,
): MetricsQuery | string {
  const params = Object.entries(query).map(([name, value]) => [name, String(value)])
  return readQuery(new URLSearchParams(params), { zone, now, keptFrom })
}

function read(query: Record<string, string | number>, zone = utc): MetricsQuery {
  const answer = ask(query, zone)
  if (typeof answer === 'string') throw new Error(answer)
  return answer
}

describe('a query', () => {
  it.each(['granularty', 'From', 'site', ''])('has no parameter %j', name => {
    expect(ask({ [name]: 'hour' })).toBe(
      'There is no such parameter. There are `from`, `to`, `granularity`, `by`, `limit`, `compare`.',
    )
  })

  it('of nothing is for the last hour by minutes, in lists of a thousand', () => {
    expect(read({})).toEqual({
      from: noon - 59 * minuteMs,
      to: noon + minuteMs,
      granularity: 'minute',
      by: undefined,
      limit: 1000,
      previous: undefined,
    })
  })

  it('has all that is asked for', () => {
    const query = { granularity: 'hour', by: 'goal', limit: 7, compare: 'previous' }
    expect(read({ ...query, from: noon - hourMs, to: noon })).toEqual({
      from: noon - hourMs,
      to: noon,
      granularity: 'hour',
      by: 'goal',
      limit: 7,
      previous: { from: noon - 2 * hourMs, to: noon - hourMs, granularity: 'hour' },
    })
  })

  it.each([
    ['second', 60_000],
    ['minute', hourMs],
    ['hour', dayMs],
    ['day', 30 * dayMs],
  ])('by %ss without `from` reaches %i ms back from `to`', (granularity, length) => {
    const to = Date.UTC(2026, 1, 1)
    expect(read({ granularity, to })).toMatchObject({ from: to - length, to })
  })

  it.each([1, 1000])('takes a limit of %i', limit => {
    expect(read({ limit, by: 'path' })).toMatchObject({ limit })
  })

  it.each(['0', '1001', '-1', '1.5', '', 'ten', 'NaN', 'Infinity', '1,5'])(
    'with a limit of `%s` is refused',
    limit => expect(ask({ limit })).toBe('`limit` takes 1 to 1000.'),
  )

  it('with a limit and nothing that it could limit is refused', () => {
    expect(ask({ limit: 10 })).toContain('`limit` goes with `by`')
    expect(ask({ limit: 10, by: 'value' })).toContain('but for `value`')
    expect(read({ limit: 10, by: 'path' })).toMatchObject({ limit: 10 })
  })

  it.each(['from', 'to', 'granularity', 'by', 'limit', 'compare'])('has no second `%s`', name => {
    const query = new URLSearchParams(`${name}=1&${name}=2`)
    expect(readQuery(query, { zone: utc, now, keptFrom: always })).toBe(
      `\`${name}\` is there more than once.`,
    )
  })

  it('that has a plus where it is a space is told how to write it', () => {
    expect(ask({ from: '2026-03-10T12:00 01:00' })).toContain('`%2B`')
    expect(ask({ from: 'yesterday' })).not.toContain('%2B')
  })

  it('names what a parameter takes, when it is given another', () => {
    expect(ask({ granularity: 'week' })).toBe(
      '`granularity` takes `second`, `minute`, `hour`, `day`.',
    )
    expect(ask({ by: 'page' })).toBe(
      '`by` takes `path`, `referrer`, `country`, `device`, `browser`, `os`, `campaign`, `name`, `goal`, `value`.',
    )
    expect(ask({ granularity: 'second', by: 'path' })).toContain('Take minutes')
    expect(ask({ compare: '' })).toBe('`compare` takes `previous`.')
  })

  it('by values is taken of minutes, hours and days', () => {
    for (const granularity of ['minute', 'hour', 'day']) {
      expect(read({ by: 'value', granularity })).toMatchObject({ by: 'value', granularity })
    }
  })
})

it('names what would do so that it does, whatever is kept and compared', () => {
  const ago = (ms: number): fc.Arbitrary<number> => fc.nat(ms).map(each => now - each)
  const query = fc.record(
    {
      granularity: fc.constantFrom('second', 'minute', 'hour', 'day'),
      from: fc.oneof(ago(3 * hourMs), ago(5 * dayMs), ago(200 * dayMs)),
      to: fc.oneof(ago(3 * hourMs), ago(5 * dayMs), ago(200 * dayMs)),
      compare: fc.constant('previous'),
    },
    { requiredKeys: ['granularity'] },
  )
  const keptFrom = fc.record({
    ...{ second: fc.constant(now - 10 * minuteMs), minute: ago(5 * dayMs) },
    ...{ hour: ago(90 * dayMs), day: fc.oneof(ago(300 * dayMs), fc.constant(-Infinity)) },
  })
  let hints = 0
  fc.assert(
    fc.property(query, keptFrom, fc.constantFrom('UTC', 'Asia/Kathmandu'), (asked, kept, name) => {
      const zone = createTimeZone(name)
      const answer = ask(asked, zone, kept)
      const [, granularity] = /`granularity=(.*)` would do/.exec(String(answer)) ?? []
      if (granularity === undefined) return
      hints++
      expect(ask({ ...asked, granularity }, zone, kept)).toMatchObject({ granularity })
    }),
    { numRuns: 2000 },
  )
  expect(hints).toBeGreaterThan(100)
})

describe('a range', () => {
  it('is widened to whole buckets, and not when it is made of them', () => {
    const whole = { from: noon, to: noon + hourMs }
    for (const granularity of ['minute', 'hour']) {
      expect(read({ granularity, ...whole })).toMatchObject(whole)
    }
    expect(read({ from: noon - 1, to: noon + hourMs + 1 })).toMatchObject({
      from: noon - minuteMs,
      to: noon + hourMs + minuteMs,
    })
    expect(read({ granularity: 'second', from: noon + 1, to: noon + 2 })).toMatchObject({
      from: noon,
      to: noon + 1000,
    })
  })

  it('of one millisecond is one bucket, and of none is refused', () => {
    expect(read({ from: noon + minuteMs - 1, to: noon + minuteMs })).toMatchObject({
      from: noon,
      to: noon + minuteMs,
    })
    expect(ask({ from: noon, to: noon })).toBe('`to` has to be after `from`.')
    expect(ask({ from: noon + hourMs, to: noon })).toBe('`to` has to be after `from`.')
  })

  it('of days of the first century is of those, and not of the last', () => {
    expect(read({ granularity: 'day', from: '0095-01-01', to: '0095-01-03' })).toMatchObject({
      from: Date.parse('0095-01-01T00:00Z'),
      to: Date.parse('0095-01-03T00:00Z'),
    })
  })

  it('from a time that is yet to come needs its end, and says so', () => {
    expect(ask({ from: noon + minuteMs })).toBe(
      'Without `to` the range ends with the bucket that runs, and `from` is after that.',
    )
    expect(read({ from: noon + minuteMs - 1 })).toMatchObject({ from: noon, to: noon + minuteMs })
  })

  it.each([
    ['second', 600, 1000, 'minute'],
    ['minute', 2880, minuteMs, 'hour'],
    ['hour', 2208, hourMs, 'day'],
  ])(
    'by %ss has at most %i of them, then it says what would do',
    (granularity, most, ms, wider) => {
      const from = Date.UTC(2026, 0, 1)
      expect(read({ granularity, from, to: from + most * ms })).toMatchObject({ from })
      expect(ask({ granularity, from, to: from + most * ms + 1 })).toBe(
        `A range by ${granularity}s has at most ${most}. \`granularity=${wider}\` would do.`,
      )
    },
  )

  it('that would do by none but days names days', () => {
    expect(ask({ granularity: 'second', from: noon - 93 * dayMs, to: noon })).toBe(
      'A range by seconds has at most 600. `granularity=day` would do.',
    )
  })

  it('by days has at most 3660 of them, and nothing else would do', () => {
    const from = Date.UTC(2016, 0, 1)
    const query = { granularity: 'day', from }
    expect(read({ ...query, to: from + 3660 * dayMs })).toMatchObject({ from })
    const most = 'A range by days has at most 3660.'
    expect(ask({ ...query, to: from + 3660 * dayMs + 1 })).toBe(most)
    expect(ask({ granularity: 'minute', from: 0, to: noon })).toBe(
      'A range by minutes has at most 2880.',
    )
  })

  it('begins and ends where hours and days of the zone do', () => {
    const kathmandu = createTimeZone('Asia/Kathmandu')
    const range = { from: noon, to: noon + 1 }
    expect(read({ granularity: 'hour', ...range }, kathmandu)).toMatchObject({
      from: Date.UTC(2026, 2, 10, 11, 15),
      to: Date.UTC(2026, 2, 10, 12, 15),
    })
    expect(read({ granularity: 'day', ...range }, kathmandu)).toMatchObject({
      from: Date.UTC(2026, 2, 9, 18, 15),
      to: Date.UTC(2026, 2, 10, 18, 15),
    })
    // Minutes and seconds are the same everywhere.
    expect(read(range, kathmandu)).toMatchObject({ from: noon, to: noon + minuteMs })
  })

  it('holds what was asked for, in whole buckets, whatever the zone', () => {
    const zones = ['UTC', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Europe/Berlin'].map(
      createTimeZone,
    )
    const any = fc.record({
      granularity: fc.constantFrom('second', 'minute', 'hour', 'day'),
      from: fc.integer({ min: 0, max: Date.UTC(2040, 0, 1) }),
      length: fc.integer({ min: 1, max: 500_000 }),
      zone: fc.constantFrom(...zones),
    })
    fc.assert(
      fc.property(any, ({ granularity, from, length, zone }) => {
        const query = read({ granularity, from, to: from + length }, zone)
        expect(query.from).toBeLessThanOrEqual(from)
        expect(query.to).toBeGreaterThanOrEqual(from + length)
        expect(startOf(query.granularity, query.from, zone)).toBe(query.from)
        expect(endOf(query.granularity, query.from, zone)).toBeGreaterThan(from)
        expect(startOf(query.granularity, query.to, zone)).toBe(query.to)
        expect(startOf(query.granularity, query.to - 1, zone)).toBeLessThan(from + length)
      }),
    )
  })
})

describe('a day', () => {
  it.each(['UTC', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Kiritimati'])(
    'is that of the site in %s',
    name => {
      const zone = createTimeZone(name)
      const { from, to } = read({ from: '2026-03-10', to: '2026-03-11', granularity: 'day' }, zone)
      expect([from, to]).toEqual([zone.startOfDate(tenthOfMarch), zone.endOfDay(from)])
    },
  )

  it.each(['2026-02-30', '2026-04-31', '2026-13-01', '2026-02-29T10:00Z'])(
    'that there is not is refused: %s',
    from => {
      expect(ask({ from })).toContain('`from`')
    },
  )

  it('is one of thirty when no range is given, also where clocks were changed', () => {
    const zone = createTimeZone('Europe/Berlin')
    const april = Date.UTC(2026, 3, 10, 12)
    const query = readQuery(new URLSearchParams({ granularity: 'day' }), {
      zone,
      now: april,
      keptFrom: always,
    })
    if (typeof query === 'string') throw new Error(query)
    let days = 0
    for (let at = query.from; at < query.to; at = zone.endOfDay(at)) days++
    expect(days).toBe(30)
  })
})

it.each(['1e2', '0x10', '5.0', ' 5', '+5', ''])('takes no limit that is written as %j', limit => {
  expect(ask({ limit })).toContain('`limit`')
})

describe('a time', () => {
  it.each([
    ['0', 0],
    ['1773144000000', noon],
    ['2026-03-10T12:00Z', noon],
    ['2026-03-10T12:00:00Z', noon],
    ['2026-03-10T12:00:59.999999999Z', noon],
    ['2026-03-10T13:00+01:00', noon],
    ['2026-03-10T08:30:00-03:30', noon],
    ['1970-01-01', 0],
  ])('may be %s', (from, at) => {
    const to = Math.max(at, 0) + 1 + hourMs
    expect(read({ from, to })).toMatchObject({ from: at })
  })

  it.each([
    '',
    ' 1773144000000',
    '-1',
    '1e12',
    '0x10',
    '1234567890123456',
    '2026-03',
    '2026-3-10',
    '2026-03-10T12',
    '2026-03-10T12:00',
    '2026-03-10 12:00Z',
    '2026-03-10T12:00:00.Z',
    '2026-03-10T12:00+0100',
    '2026-03-10T12:00:61Z',
    '2026-03-10T12:60Z',
    '2026-03-32',
    '+012026-03-10',
    '2026-03-10T12:00z',
    '2026-03-10T12:00Z ',
    'tomorrow',
  ])('may not be `%s`', text => {
    expect(ask({ from: text, to: noon })).toContain('`from` takes milliseconds')
    expect(ask({ to: text })).toContain('`to` takes milliseconds')
  })
})

describe('a range that is not kept', () => {
  const keptFrom = {
    second: now - 610_000,
    minute: now - 49 * hourMs,
    hour: now - 91 * dayMs,
    day: -Infinity,
  }
  const askKept = (query: Record<string, string | number>) => ask(query, utc, keptFrom)

  it('is refused, with the granularity by which it is', () => {
    expect(askKept({ from: noon - 60 * hourMs, to: noon - 50 * hourMs })).toBe(
      'By minutes nothing is kept from before 2026-03-08T11:01:00Z. `granularity=hour` would do.',
    )
    expect(askKept({ from: '2015-05-17', to: '2015-05-18' })).toContain(
      '`granularity=day` would do',
    )
    expect(askKept({ from: '2015-05-17', to: '2015-06-18' })).toBe(
      'A range by minutes has at most 2880. `granularity=day` would do.',
    )
    expect(askKept({ from: '2015-05-17', to: '2015-05-18', granularity: 'hour' })).toContain(
      '`granularity=day` would do',
    )
    expect(askKept({ from: '2015-05-17', to: '2015-05-18', granularity: 'day' })).toMatchObject({
      from: Date.UTC(2015, 4, 17),
    })
  })

  it('is one that begins before, by a bucket, and none that asks for all there is', () => {
    const first = noon - 49 * hourMs + minuteMs
    expect(askKept({ from: first, to: noon - 2 * hourMs })).toMatchObject({ from: first })
    expect(askKept({ from: first - minuteMs, to: noon - 2 * hourMs })).toContain('By minutes')
    expect(askKept({ granularity: 'second', from: now - 599_000 })).toMatchObject({})
    expect(askKept({ granularity: 'minute', from: now - 48 * hourMs + 60_000 })).toMatchObject({})
  })

  it('is told by no granularity whose own bucket begins before what is kept', () => {
    const short = { ...keptFrom, hour: noon - 50.5 * hourMs, day: noon - 60 * hourMs }
    const from = noon - 50 * hourMs - 20 * minuteMs
    expect(ask({ from, to: noon - 40 * hourMs }, utc, short)).not.toContain('granularity=hour')
    expect(ask({ from, to: noon - 40 * hourMs, granularity: 'hour' }, utc, short)).toContain(
      `nothing is kept from before ${new Date(noon - 50 * hourMs).toISOString().slice(0, 19)}Z`,
    )
  })

  it('is what is said of one that ends before, also where it says no beginning', () => {
    expect(askKept({ to: noon - 60 * hourMs })).toContain('`granularity=hour` would do')
  })

  it('says so too where nothing coarser is kept', () => {
    expect(ask({ from: 0, to: minuteMs }, utc, { ...keptFrom, day: now - 400 * dayMs })).toMatch(
      /^By minutes nothing is kept from before \S+\.$/,
    )
  })

  it('is not what is meant by nothing', () => {
    const short = { ...keptFrom, day: now - 3 * dayMs }
    expect(ask({ granularity: 'day' }, utc, short)).toMatchObject({
      from: Date.UTC(2026, 2, 8),
      to: Date.UTC(2026, 2, 11),
    })
  })

  describe('before another', () => {
    const day = { from: noon - 36 * hourMs, to: noon - 12 * hourMs, compare: 'previous' }

    it('is told by what is coarser, where that begins and ends with it', () => {
      expect(askKept({ ...day, granularity: 'minute' })).toMatchObject({
        granularity: 'minute',
        previous: { from: noon - 60 * hourMs, to: noon - 36 * hourMs, granularity: 'hour' },
      })
    })

    it('is refused where nothing does', () => {
      const odd = { ...day, from: noon - 36 * hourMs + minuteMs }
      expect(askKept({ ...odd, granularity: 'minute' })).toBe(
        'The range before is not kept by minutes any more. `granularity=hour` would do.',
      )
    })

    it('is told of seconds by minutes too, where it is made of them', () => {
      const seconds = { granularity: 'second', from: noon - 540_000, to: noon, compare: 'previous' }
      expect(askKept(seconds)).toMatchObject({ previous: { granularity: 'minute' } })
      expect(askKept({ ...seconds, from: noon - 539_000 })).toContain(
        'The range before is not kept by seconds any more. `granularity=minute` would do.',
      )
    })
  })
})
