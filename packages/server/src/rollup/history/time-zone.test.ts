import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type TimeZone, createTimeZone } from './time-zone.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/**
 * Returns the start and the minutes of the bucket that contains a time, and of the following buckets. Expects the
 * same bucket for every minute in it.
 */
function buckets(zone: TimeZone, tier: 'hour' | 'day', at: string, count: number): string[] {
  const [startOf, endOf] =
    tier === 'hour'
      ? [zone.startOfHour, zone.endOfHour]
      : ([zone.startOfDay, zone.endOfDay] as const)
  let start = startOf(Date.parse(at))
  return Array.from({ length: count }, () => {
    const end = endOf(start)
    for (let minute = start; minute < end; minute += minuteMs) {
      expect([startOf(minute), endOf(minute)]).toEqual([start, end])
    }
    const text = `${new Date(start).toISOString().slice(0, 16)}Z ${(end - start) / minuteMs}`
    start = end
    return text
  })
}

describe('TimeZone: hours and days', () => {
  it('are those of UTC by default', () => {
    const zone = createTimeZone()
    const at = Date.UTC(2026, 2, 10, 12, 34, 56, 789)
    expect(zone.startOfHour(at)).toBe(Date.UTC(2026, 2, 10, 12))
    expect(zone.endOfHour(at)).toBe(Date.UTC(2026, 2, 10, 13))
    expect(zone.startOfDay(at)).toBe(Date.UTC(2026, 2, 10))
    expect(zone.endOfDay(at)).toBe(Date.UTC(2026, 2, 11))
  })

  it('start at a quarter past in Kathmandu', () => {
    const zone = createTimeZone('Asia/Kathmandu')
    expect(buckets(zone, 'hour', '2026-03-10T18:14Z', 2)).toEqual([
      '2026-03-10T17:15Z 60',
      '2026-03-10T18:15Z 60',
    ])
    expect(buckets(zone, 'day', '2026-03-10T18:14Z', 2)).toEqual([
      '2026-03-09T18:15Z 1440',
      '2026-03-10T18:15Z 1440',
    ])
  })

  it('start on the half hour in St. John’s, also when its clocks changed at 00:01', () => {
    const zone = createTimeZone('America/St_Johns')
    expect(buckets(zone, 'hour', '2026-01-10T12:00Z', 1)).toEqual(['2026-01-10T11:30Z 60'])
    // On 7 November 2010 clocks went from 00:01 back to 23:01, so the day started before the change.
    expect(buckets(zone, 'hour', '2010-11-07T02:00Z', 4)).toEqual([
      '2010-11-07T01:30Z 60',
      '2010-11-07T02:30Z 1',
      '2010-11-07T02:31Z 59',
      '2010-11-07T03:30Z 60',
    ])
    expect(buckets(zone, 'day', '2010-11-07T02:31Z', 2)).toEqual([
      '2010-11-07T02:30Z 1500',
      '2010-11-08T03:30Z 1440',
    ])
  })

  it('are cut where clocks change by half an hour, on Lord Howe', () => {
    const zone = createTimeZone('Australia/Lord_Howe')
    expect(buckets(zone, 'hour', '2026-04-04T14:00Z', 4)).toEqual([
      '2026-04-04T14:00Z 60',
      '2026-04-04T15:00Z 30',
      '2026-04-04T15:30Z 60',
      '2026-04-04T16:30Z 60',
    ])
    expect(buckets(zone, 'hour', '2026-10-03T15:00Z', 3)).toEqual([
      '2026-10-03T14:30Z 60',
      '2026-10-03T15:30Z 30',
      '2026-10-03T16:00Z 60',
    ])
    expect(buckets(zone, 'day', '2026-04-04T14:00Z', 2)).toEqual([
      '2026-04-04T13:00Z 1470',
      '2026-04-05T13:30Z 1440',
    ])
    expect(buckets(zone, 'day', '2026-10-03T15:00Z', 2)).toEqual([
      '2026-10-03T13:30Z 1410',
      '2026-10-04T13:00Z 1440',
    ])
  })

  it('are 23 and 25 per day in Berlin when daylight saving time starts and ends', () => {
    const zone = createTimeZone('Europe/Berlin')
    expect(buckets(zone, 'day', '2026-03-28T12:00Z', 3)).toEqual([
      '2026-03-27T23:00Z 1440',
      '2026-03-28T23:00Z 1380',
      '2026-03-29T22:00Z 1440',
    ])
    expect(buckets(zone, 'day', '2026-10-25T12:00Z', 2)).toEqual([
      '2026-10-24T22:00Z 1500',
      '2026-10-25T23:00Z 1440',
    ])
    // The repeated hour is two hours.
    expect(buckets(zone, 'hour', '2026-10-25T00:10Z', 2)).toEqual([
      '2026-10-25T00:00Z 60',
      '2026-10-25T01:00Z 60',
    ])
  })

  it('start at one o’clock on a day without midnight, in São Paulo in 2018', () => {
    const zone = createTimeZone('America/Sao_Paulo')
    expect(buckets(zone, 'day', '2018-11-04T02:59Z', 3)).toEqual([
      '2018-11-03T03:00Z 1440',
      '2018-11-04T03:00Z 1380',
      '2018-11-05T02:00Z 1440',
    ])
    // In February clocks went from midnight back to 23:00, so the previous day repeats its last hour.
    expect(buckets(zone, 'day', '2018-02-17T12:00Z', 2)).toEqual([
      '2018-02-17T02:00Z 1500',
      '2018-02-18T03:00Z 1440',
    ])
  })

  it('follow a clock change that was reverted after a week, on Noronha in 2000', () => {
    const zone = createTimeZone('America/Noronha')
    expect(buckets(zone, 'day', '2000-10-07T12:00Z', 2)).toEqual([
      '2000-10-07T02:00Z 1440',
      '2000-10-08T02:00Z 1380',
    ])
    expect(buckets(zone, 'day', '2000-10-14T12:00Z', 2)).toEqual([
      '2000-10-14T01:00Z 1500',
      '2000-10-15T02:00Z 1440',
    ])
  })

  it.each(['Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Pacific/Apia'])(
    'follow each other through forty years in %s',
    name => {
      const zone = createTimeZone(name)
      const wrong: string[] = []
      for (const [startOf, endOf] of [
        [zone.startOfHour, zone.endOfHour],
        [zone.startOfDay, zone.endOfDay],
      ] as const) {
        for (
          let start = startOf(Date.UTC(1985, 0));
          start < Date.UTC(2025, 0);
          start = endOf(start)
        ) {
          const end = endOf(start)
          const isConsistent =
            startOf(start) === start && startOf(end - 1) === start && endOf(end - 1) === end
          if (!isConsistent || end <= start) wrong.push(new Date(start).toISOString())
          if (wrong.length > 5) break
        }
      }
      expect(wrong).toEqual([])
    },
  )

  it.each([
    // Friday, 30 December 2011.
    ['Pacific/Apia', ['2011-12-29T10:00Z 1440', '2011-12-30T10:00Z 1440']],
    // Saturday, 21 August 1993: the zone went from 12 hours behind to 12 hours ahead.
    ['Pacific/Kwajalein', ['1993-08-20T12:00Z 1440', '1993-08-21T12:00Z 1440']],
  ])('skip the date that %s skipped', (name, days) => {
    const zone = createTimeZone(name)
    const [first = ''] = days
    expect(buckets(zone, 'day', first.split(' ')[0] ?? '', 2)).toEqual(days)
  })

  it('start on whole minutes where the offset has seconds, in Monrovia until 1972', () => {
    const zone = createTimeZone('Africa/Monrovia')
    expect(buckets(zone, 'day', '1972-01-06T12:00Z', 3)).toEqual([
      '1972-01-06T00:44Z 1440',
      '1972-01-07T00:44Z 1396',
      '1972-01-08T00:00Z 1440',
    ])
  })
})

describe('TimeZone: names', () => {
  it('include every name of the IANA database, in any case', () => {
    const at = Date.UTC(2026, 6, 1)
    expect(createTimeZone('europe/berlin').startOfDay(at)).toBe(at - 2 * hourMs)
    expect(createTimeZone('US/Eastern').startOfDay(at)).toBe(at - 20 * hourMs)
    expect(createTimeZone('Etc/UTC').startOfDay(at)).toBe(at)
  })

  it.each(['', 'Berlin', 'Mars/Olympus', 'UTC+1', '__proto__', 'a\nb'])(
    'that are invalid throw an error with the name: %j',
    name => {
      expect(() => createTimeZone(name)).toThrow(TypeError)
      expect(() => createTimeZone(name)).toThrow(
        `${JSON.stringify(name)} is not an IANA time zone; for example "Europe/Berlin" or "UTC".`,
      )
    },
  )
})

/** Formats a local time with the platform's dates instead of offsets, as an independent oracle. */
interface Local {
  date: string
  hour: string
  minute: string
  offset: string
}

const formats = new Map<string, Intl.DateTimeFormat>()

function localOf(name: string, at: number): Local {
  const format =
    formats.get(name) ??
    new Intl.DateTimeFormat('sv-SE', {
      timeZone: name,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      timeZoneName: 'longOffset',
    })
  formats.set(name, format)
  const match = /^(\S+) (\d\d):(\d\d) (\S+)$/.exec(format.format(at))
  const [, date = '', hour = '', minute = '', offset = ''] = match ?? []
  return { date, hour, minute, offset }
}

/** Returns a time shortly before the next offset change, or the given time if the offset is constant for a year. */
function beforeNextChange(name: string, at: number): number {
  const { offset } = localOf(name, at)
  for (let day = 5; day < 366; day += 5) {
    if (localOf(name, at + day * dayMs).offset !== offset) return at + (day - 5) * dayMs
  }
  return at
}

describe('TimeZone: any zone at any time', () => {
  const names = Intl.supportedValuesOf('timeZone')
  const zones = new Map<string, TimeZone>()
  const zoneOf = (name: string): TimeZone => {
    const zone = zones.get(name) ?? createTimeZone(name)
    zones.set(name, zone)
    return zone
  }
  // Most times are within days of a clock change, if the next year has one.
  const moment = fc
    .record({
      name: fc.constantFrom(...names),
      at: fc.integer({ min: 0, max: Date.UTC(2100, 0) }),
      sinceChangeMs: fc.option(fc.integer({ min: 0, max: 7 * dayMs })),
    })
    .map(({ name, at, sinceChangeMs }) => ({
      name,
      at: sinceChangeMs === null ? at : beforeNextChange(name, at) + sinceChangeMs,
    }))
    // Monrovia's offset has seconds, which `createOffsetAt` rounds.
    .filter(({ name, at }) => name !== 'Africa/Monrovia' || at > Date.UTC(1973, 0))

  it('hours and days contain the time, and follow each other without gap or overlap', () => {
    fc.assert(
      fc.property(moment, ({ name, at }) => {
        const zone = zoneOf(name)
        for (const [startOf, endOf] of [
          [zone.startOfHour, zone.endOfHour],
          [zone.startOfDay, zone.endOfDay],
        ] as const) {
          const start = startOf(at)
          const next = endOf(at)
          expect(start).toBeLessThanOrEqual(at)
          expect(at).toBeLessThan(next)
          expect([start % minuteMs, next % minuteMs].map(Math.abs)).toEqual([0, 0])
          expect([
            startOf(start),
            startOf(next - 1),
            startOf(next),
            startOf(start - 1) < start,
          ]).toEqual([start, start, next, true])
          expect([endOf(start), endOf(next - 1), endOf(start - 1)]).toEqual([next, next, start])
        }
        expect(zone.startOfDay(zone.startOfHour(at))).toBe(zone.startOfDay(at))
        expect(zone.endOfHour(at)).toBeLessThanOrEqual(zone.endOfDay(at))
      }),
      { numRuns: 1000 },
    )
  })

  it('days start when the platform’s date advances, and hours with them or at a clock change', () => {
    fc.assert(
      fc.property(moment, ({ name, at }) => {
        const zone = zoneOf(name)
        const local = (time: number): Local => localOf(name, time)
        const day = zone.startOfDay(at)
        expect(local(day).date > local(day - 1).date).toBe(true)
        expect(local(zone.endOfDay(at)).date > local(day).date).toBe(true)
        expect(local(at).date <= local(day).date).toBe(true)
        const hour = zone.startOfHour(at)
        const end = zone.endOfHour(at)
        const { minute: _start, ...first } = local(hour)
        const { minute: _end, ...last } = local(end - 1)
        expect(last).toEqual(first)
        for (const boundary of [hour, end]) {
          const { minute, offset } = local(boundary)
          expect(minute === '00' || offset !== local(boundary - 1).offset).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })
})

it('TimeZone: returns the same results after its cache was cleared', () => {
  const zone = createTimeZone('Europe/Berlin')
  const summerBegins = Date.UTC(2026, 2, 29, 12)
  const lengths = (): number[] => [
    zone.endOfDay(summerBegins) - zone.startOfDay(summerBegins),
    zone.endOfHour(summerBegins) - zone.startOfHour(summerBegins),
  ]
  const before = lengths()
  for (let month = 0; month < 2500; month++) zone.startOfDay(Date.UTC(1970, month))
  expect(lengths()).toEqual(before)
})

it('TimeZone: returns the start of a date by its number', () => {
  const dayOf = (text: string): number => Date.parse(text) / 86_400_000
  for (const [name, date, at] of [
    ['UTC', '2026-03-10', '2026-03-10T00:00Z'],
    ['America/New_York', '2026-03-10', '2026-03-10T04:00Z'],
    ['Asia/Kathmandu', '2026-03-10', '2026-03-09T18:15Z'],
    ['Pacific/Kiritimati', '2026-03-10', '2026-03-09T10:00Z'],
    ['Pacific/Pago_Pago', '2026-03-10', '2026-03-10T11:00Z'],
    // Skipped: the day after 29 December was the 31st.
    ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00Z'],
    ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00Z'],
    // Midnight was skipped.
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00Z'],
  ] as const) {
    const zone = createTimeZone(name)
    expect(zone.startOfDate(dayOf(date)), `${name} ${date}`).toBe(Date.parse(at))
    const dates = [-1, 0].map(ms => zone.dateOf(Date.parse(at) + ms) >= dayOf(date))
    expect(dates, `${name} ${date}`).toEqual([false, true])
  }
})
