import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dimensions } from '../rollup/bucket/dimensions.ts'
import { createTimeZone } from '../rollup/history/time-zone.ts'
import { endOfBucket, startOfBucket } from './granularity.ts'
import { type MetricsQuery, fullView } from './metrics-query.ts'
import { parseMetricsQuery } from './parse-query.ts'

const utc = createTimeZone('UTC')
const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const noon = Date.UTC(2026, 2, 10, 12)
const now = noon + 30_500
/** 10 March 2026, as days since 1970. */
const tenthOfMarch = Date.UTC(2026, 2, 10) / dayMs

/** All of history is stored. */
const everything = { second: -Infinity, minute: -Infinity, hour: -Infinity, day: -Infinity }

/** Returns the query, or the message of the failure. */
function parse(
  query: Record<string, string | number> | URLSearchParams,
  zone = utc,
  availableFrom = everything,
  at = now,
): MetricsQuery | string {
  const params =
    query instanceof URLSearchParams
      ? query
      : new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))
  const result = parseMetricsQuery(params, { zone, now: at, availableFrom })
  return result.ok ? result.query : result.message
}

function parseValid(query: Record<string, string | number>, zone = utc, at = now): MetricsQuery {
  const parsed = parse(query, zone, everything, at)
  if (typeof parsed === 'string') throw new Error(parsed)
  return parsed
}

describe('parseMetricsQuery: parameters', () => {
  it.each(['colour', 'site', ''])('refuses the unknown parameter %j', name => {
    expect(parse({ [name]: 'hour' })).toBe(
      `'${name}' is not a parameter; use 'from', 'to', 'granularity', 'by', 'referrer', 'name', 'property', 'limit', 'bucketLimit', 'row', 'compare', 'format'.`,
    )
  })

  it('defaults to the last hour by minutes and 1,000 rows', () => {
    expect(parseValid({})).toEqual({
      from: noon - 59 * minuteMs,
      to: noon + minuteMs,
      granularity: 'minute',
      by: undefined,
      properties: {},
      limit: 1000,
      previous: undefined,
      view: fullView,
    })
  })

  it('reads all parameters', () => {
    const query = { granularity: 'hour', by: 'goal', limit: 7, compare: 'previous' }
    expect(parseValid({ ...query, from: noon - hourMs, to: noon })).toEqual({
      from: noon - hourMs,
      to: noon,
      granularity: 'hour',
      by: 'goal',
      properties: {},
      limit: 7,
      previous: { from: noon - 2 * hourMs, to: noon - hourMs, granularity: 'hour' },
      view: fullView,
    })
  })

  it.each([
    ['second', 60_000],
    ['minute', hourMs],
    ['hour', dayMs],
    ['day', 30 * dayMs],
  ])('defaults `from` for granularity %s to %i ms before `to`', (granularity, length) => {
    const to = Date.UTC(2026, 1, 1)
    expect(parseValid({ granularity, to })).toMatchObject({ from: to - length, to })
  })

  it.each([1, 1000])('accepts a limit of %i', limit => {
    expect(parseValid({ limit, by: 'path' })).toMatchObject({ limit })
  })

  it.each(['0', '1001', '-1', '1.5', '', 'ten', 'NaN', 'Infinity', '1,5'])(
    'refuses the limit `%s`',
    limit => {
      expect(parse({ limit })).toBe(`limit: '${limit}' is not a whole number from 1 to 1000.`)
    },
  )

  it('refuses a limit without a list of rows', () => {
    expect(parse({ limit: 10 })).toContain("limit: '10' needs a list of rows; add by=path")
    expect(parse({ limit: 10, by: 'value' })).toContain('needs a list of rows')
    expect(parse({ limit: 10, by: 'value' })).not.toContain("'value'")
    expect(parseValid({ limit: 10, by: 'path' })).toMatchObject({ limit: 10 })
  })

  it.each(['from', 'to', 'granularity', 'by', 'referrer', 'name', 'property', 'limit', 'compare'])(
    'refuses a second `%s`',
    name => {
      const query = new URLSearchParams(`${name}=1&${name}=2`)
      expect(parse(query)).toBe(`${name}: given more than once; give it once.`)
    },
  )

  it('explains how to write a plus sign when a time contains a space', () => {
    expect(parse({ from: '2026-03-10T12:00 01:00' })).toContain('Write a plus sign as %2B')
    expect(parse({ from: 'yesterday' })).not.toContain('%2B')
  })

  it('suggests the name that is most like an unknown one', () => {
    const message = "by: 'browserversion' is not supported. Did you mean 'browserVersion'?"
    expect(parse({ by: 'browserversion' })).toBe(message)
    expect(parse({ granularity: 'days' })).toContain("Did you mean 'day'?")
    expect(parse({ From: 5 })).toBe("'From' is not a parameter. Did you mean 'from'?")
    expect(parse({ bucketlimit: 5 })).toBe(
      "'bucketlimit' is not a parameter. Did you mean 'bucketLimit'?",
    )
  })

  it('names the invalid value and the valid ones', () => {
    expect(parse({ granularity: 'week' })).toBe(
      "granularity: 'week' is not supported; use 'second', 'minute', 'hour', 'day'.",
    )
    expect(parse({ by: 'page' })).toBe(
      `by: 'page' is not supported; use ${[...dimensions, 'property', 'value'].map(by => `'${by}'`).join(', ')}.`,
    )
    expect(parse({ granularity: 'second', by: 'path' })).toBe(
      "by: 'path' does not work with granularity=second; use granularity=minute or granularity=hour or granularity=day.",
    )
    expect(parse({ compare: '' })).toBe("compare: '' is not supported; use 'previous'.")
    expect(parse({ by: 'x'.repeat(5000) })).toContain(`by: '${'x'.repeat(60)}…' is not`)
  })

  it('refuses a dimension of hours by minutes, names the granularities that work, and has hours by default', () => {
    expect(parse({ granularity: 'minute', by: 'term' })).toBe(
      "by: 'term' does not work with granularity=minute; use granularity=hour or granularity=day.",
    )
    expect(parse({ by: 'term' })).toMatchObject({ granularity: 'hour', by: 'term' })
    expect(parse({ by: 'path' })).toMatchObject({ granularity: 'minute', by: 'path' })
  })

  it('reads the event and property of `by=property`, and refuses them for other dimensions', () => {
    const query = { by: 'property', name: 'purchase', property: '__proto__' }
    expect(parse(query)).toMatchObject({
      ...{ granularity: 'hour', by: 'property' },
      properties: { name: 'purchase', property: '__proto__' },
    })
    expect(parse({ by: 'property', property: 'plan' })).toBe(
      "property: 'plan' needs the name of its event; add name=purchase, for example.",
    )
    expect(parse({ by: 'path', name: 'purchase' })).toBe(
      "name: 'purchase' selects a property of an event; add by=property, or leave 'name' out.",
    )
  })

  it('accepts `by=value` for minutes, hours and days', () => {
    for (const granularity of ['minute', 'hour', 'day']) {
      expect(parseValid({ by: 'value', granularity })).toMatchObject({ by: 'value', granularity })
    }
  })
})

it('parseMetricsQuery: suggests only granularities that work', () => {
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
  const availableFrom = fc.record({
    ...{ second: fc.constant(now - 10 * minuteMs), minute: ago(5 * dayMs) },
    ...{ hour: ago(90 * dayMs), day: fc.oneof(ago(300 * dayMs), fc.constant(-Infinity)) },
  })
  let hints = 0
  fc.assert(
    fc.property(
      query,
      availableFrom,
      fc.constantFrom('UTC', 'Asia/Kathmandu'),
      (requested, available, name) => {
        const zone = createTimeZone(name)
        const message = parse(requested, zone, available)
        const [, granularity] = /; use granularity=(.*)\.$/.exec(String(message)) ?? []
        if (granularity === undefined) return
        hints++
        expect(parse({ ...requested, granularity }, zone, available)).toMatchObject({ granularity })
      },
    ),
    { numRuns: 2000 },
  )
  expect(hints).toBeGreaterThan(100)
})

describe('parseMetricsQuery: range', () => {
  it('is widened to whole buckets', () => {
    const hour = { from: noon, to: noon + hourMs }
    for (const granularity of ['minute', 'hour']) {
      expect(parseValid({ granularity, ...hour })).toMatchObject(hour)
    }
    expect(parseValid({ from: noon - 1, to: noon + hourMs + 1 })).toMatchObject({
      from: noon - minuteMs,
      to: noon + hourMs + minuteMs,
    })
    expect(parseValid({ granularity: 'second', from: noon + 1, to: noon + 2 })).toMatchObject({
      from: noon,
      to: noon + 1000,
    })
  })

  it('of one millisecond is one bucket, and an empty one is refused', () => {
    expect(parseValid({ from: noon + minuteMs - 1, to: noon + minuteMs })).toMatchObject({
      from: noon,
      to: noon + minuteMs,
    })
    for (const from of [noon, noon + hourMs]) {
      expect(parse({ from, to: noon })).toBe(
        `to: '${noon}' is not after from: '${from}'; give a later 'to'.`,
      )
    }
  })

  it('reads years of the first century as such', () => {
    expect(parseValid({ granularity: 'day', from: '0095-01-01', to: '0095-01-03' })).toMatchObject({
      from: Date.parse('0095-01-01T00:00Z'),
      to: Date.parse('0095-01-03T00:00Z'),
    })
  })

  it('from a future time needs an end', () => {
    expect(parse({ from: noon + minuteMs })).toBe(
      `from: '${noon + minuteMs}' is after the current minute, where the range ends by default; give a later 'to' as well.`,
    )
    expect(parseValid({ from: noon + minuteMs - 1 })).toMatchObject({
      from: noon,
      to: noon + minuteMs,
    })
  })

  it.each([
    ['second', 600, 1000, 'minute'],
    ['minute', 2880, minuteMs, 'hour'],
    ['hour', 2208, hourMs, 'day'],
  ])(
    'of %ss has at most %i buckets, and the message names a coarser granularity',
    (granularity, maxBuckets, bucketMs, coarser) => {
      const from = Date.UTC(2026, 0, 1)
      expect(parseValid({ granularity, from, to: from + maxBuckets * bucketMs })).toMatchObject({
        from,
      })
      expect(parse({ granularity, from, to: from + maxBuckets * bucketMs + 1 })).toBe(
        `granularity: the range has ${maxBuckets + 1} ${granularity}s, and the limit is ${maxBuckets}; use granularity=${coarser}.`,
      )
    },
  )

  it('that fits only days names days', () => {
    expect(parse({ granularity: 'second', from: noon - 93 * dayMs, to: noon })).toBe(
      'granularity: the range has 8035200 seconds, and the limit is 600; use granularity=day.',
    )
  })

  it('of more than 3,660 days is refused without an alternative', () => {
    const from = Date.UTC(2016, 0, 1)
    const query = { granularity: 'day', from }
    expect(parseValid({ ...query, to: from + 3660 * dayMs })).toMatchObject({ from })
    expect(parse({ ...query, to: from + 3660 * dayMs + 1 })).toBe(
      'granularity: the range has 3661 days, and the limit is 3660; choose a shorter range.',
    )
    expect(parse({ granularity: 'minute', from: 0, to: noon })).toMatch(
      /the limit is 2880; choose a shorter range\.$/,
    )
  })

  it('starts and ends at hours and days of the time zone', () => {
    const kathmandu = createTimeZone('Asia/Kathmandu')
    const range = { from: noon, to: noon + 1 }
    expect(parseValid({ granularity: 'hour', ...range }, kathmandu)).toMatchObject({
      from: Date.UTC(2026, 2, 10, 11, 15),
      to: Date.UTC(2026, 2, 10, 12, 15),
    })
    expect(parseValid({ granularity: 'day', ...range }, kathmandu)).toMatchObject({
      from: Date.UTC(2026, 2, 9, 18, 15),
      to: Date.UTC(2026, 2, 10, 18, 15),
    })
    // Minutes and seconds are the same everywhere.
    expect(parseValid(range, kathmandu)).toMatchObject({ from: noon, to: noon + minuteMs })
  })

  it('contains the requested range in whole buckets, in any time zone', () => {
    const zones = ['UTC', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Europe/Berlin'].map(
      createTimeZone,
    )
    const ranges = fc.record({
      granularity: fc.constantFrom('second', 'minute', 'hour', 'day'),
      from: fc.integer({ min: 0, max: Date.UTC(2040, 0, 1) }),
      length: fc.integer({ min: 1, max: 500_000 }),
      zone: fc.constantFrom(...zones),
    })
    fc.assert(
      fc.property(ranges, ({ granularity, from, length, zone }) => {
        const query = parseValid({ granularity, from, to: from + length }, zone)
        expect(query.from).toBeLessThanOrEqual(from)
        expect(query.to).toBeGreaterThanOrEqual(from + length)
        expect(startOfBucket(query.granularity, query.from, zone)).toBe(query.from)
        expect(endOfBucket(query.granularity, query.from, zone)).toBeGreaterThan(from)
        expect(startOfBucket(query.granularity, query.to, zone)).toBe(query.to)
        expect(startOfBucket(query.granularity, query.to - 1, zone)).toBeLessThan(from + length)
      }),
    )
  })
})

describe('parseMetricsQuery: dates', () => {
  it.each(['UTC', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Kiritimati'])(
    'are days of the time zone %s',
    name => {
      const zone = createTimeZone(name)
      const { from, to } = parseValid(
        { from: '2026-03-10', to: '2026-03-11', granularity: 'day' },
        zone,
      )
      expect([from, to]).toEqual([zone.startOfDate(tenthOfMarch), zone.endOfDay(from)])
    },
  )

  it.each(['2026-02-30', '2026-04-31', '2026-13-01', '2026-02-29T10:00Z'])(
    'that do not exist are refused: %s',
    from => {
      expect(parse({ from })).toContain(`from: '${from}' is not a time`)
    },
  )

  it('default to thirty days, also across a daylight saving change', () => {
    const zone = createTimeZone('Europe/Berlin')
    const april = Date.UTC(2026, 3, 10, 12)
    const query = parseValid({ granularity: 'day' }, zone, april)
    let days = 0
    for (let at = query.from; at < query.to; at = zone.endOfDay(at)) days++
    expect(days).toBe(30)
  })
})

it.each(['1e2', '0x10', '5.0', ' 5', '+5', ''])(
  'parseMetricsQuery: refuses the limit %j',
  limit => {
    expect(parse({ limit })).toContain(`limit: '${limit}'`)
  },
)

describe('parseMetricsQuery: times', () => {
  it.each([
    ['0', 0],
    ['1773144000000', noon],
    ['2026-03-10T12:00Z', noon],
    ['2026-03-10T12:00:00Z', noon],
    ['2026-03-10T12:00:59.999999999Z', noon],
    ['2026-03-10T13:00+01:00', noon],
    ['2026-03-10T08:30:00-03:30', noon],
    ['1970-01-01', 0],
  ])('accepts %s', (from, at) => {
    const to = Math.max(at, 0) + 1 + hourMs
    expect(parseValid({ from, to })).toMatchObject({ from: at })
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
  ])('refuses `%s`', text => {
    expect(parse({ from: text, to: noon })).toContain(`from: '${text}' is not a time`)
    expect(parse({ to: text })).toContain(`to: '${text}' is not a time`)
  })
})

describe('parseMetricsQuery: expired ranges', () => {
  const availableFrom = {
    second: now - 610_000,
    minute: now - 49 * hourMs,
    hour: now - 91 * dayMs,
    day: -Infinity,
  }
  const parseStored = (query: Record<string, string | number>) => parse(query, utc, availableFrom)

  it('are refused with the granularity that still stores them', () => {
    expect(parseStored({ from: noon - 60 * hourMs, to: noon - 50 * hourMs })).toBe(
      'from: 2026-03-08T00:00:00Z is before 2026-03-08T11:01:00Z, where the stored minutes begin; use granularity=hour.',
    )
    expect(parseStored({ from: '2015-05-17', to: '2015-05-18' })).toContain('use granularity=day')
    expect(parseStored({ from: '2015-05-17', to: '2015-06-18' })).toBe(
      'granularity: the range has 46080 minutes, and the limit is 2880; use granularity=day.',
    )
    expect(parseStored({ from: '2015-05-17', to: '2015-05-18', granularity: 'hour' })).toContain(
      'use granularity=day',
    )
    expect(parseStored({ from: '2015-05-17', to: '2015-05-18', granularity: 'day' })).toMatchObject(
      {
        from: Date.UTC(2015, 4, 17),
      },
    )
  })

  it('begin one bucket before the stored ones, and the full default retention is available', () => {
    const first = noon - 49 * hourMs + minuteMs
    expect(parseStored({ from: first, to: noon - 2 * hourMs })).toMatchObject({ from: first })
    expect(parseStored({ from: first - minuteMs, to: noon - 2 * hourMs })).toContain(
      'where the stored minutes begin',
    )
    expect(parseStored({ granularity: 'second', from: now - 599_000 })).toMatchObject({})
    expect(parseStored({ granularity: 'minute', from: now - 48 * hourMs + 60_000 })).toMatchObject(
      {},
    )
  })

  it('are not offered by a granularity whose first bucket is incomplete', () => {
    const short = { ...availableFrom, hour: noon - 50.5 * hourMs, day: noon - 60 * hourMs }
    const from = noon - 50 * hourMs - 20 * minuteMs
    expect(parse({ from, to: noon - 40 * hourMs }, utc, short)).not.toContain('granularity=hour')
    expect(parse({ from, to: noon - 40 * hourMs, granularity: 'hour' }, utc, short)).toContain(
      `is before ${new Date(noon - 50 * hourMs).toISOString().slice(0, 19)}Z, where the stored hours begin`,
    )
  })

  it('include a range without `from` that ends before the stored buckets', () => {
    expect(parseStored({ to: noon - 60 * hourMs })).toContain('use granularity=hour')
  })

  it('are refused without an alternative where nothing coarser is stored', () => {
    expect(
      parse({ from: 0, to: minuteMs }, utc, { ...availableFrom, day: now - 400 * dayMs }),
    ).toMatch(/^from: \S+ is before \S+, where the stored minutes begin; give a later 'from'\.$/)
  })

  it('do not affect a query without a range', () => {
    const short = { ...availableFrom, day: now - 3 * dayMs }
    expect(parse({ granularity: 'day' }, utc, short)).toMatchObject({
      from: Date.UTC(2026, 2, 8),
      to: Date.UTC(2026, 2, 11),
    })
  })

  describe('as the previous range', () => {
    const day = { from: noon - 36 * hourMs, to: noon - 12 * hourMs, compare: 'previous' }

    it('are answered by a coarser granularity whose buckets start and end with them', () => {
      expect(parseStored({ ...day, granularity: 'minute' })).toMatchObject({
        granularity: 'minute',
        previous: { from: noon - 60 * hourMs, to: noon - 36 * hourMs, granularity: 'hour' },
      })
    })

    it('are refused where no granularity fits', () => {
      const odd = { ...day, from: noon - 36 * hourMs + minuteMs }
      expect(parseStored({ ...odd, granularity: 'minute' })).toBe(
        'compare: the minutes of the previous range, from 2026-03-08T00:02:00Z, are no longer stored; use granularity=hour.',
      )
    })

    it('are answered by minutes for seconds, if they consist of whole minutes', () => {
      const seconds = { granularity: 'second', from: noon - 540_000, to: noon, compare: 'previous' }
      expect(parseStored(seconds)).toMatchObject({ previous: { granularity: 'minute' } })
      expect(parseStored({ ...seconds, from: noon - 539_000 })).toContain(
        'are no longer stored; use granularity=minute.',
      )
    })
  })
})
