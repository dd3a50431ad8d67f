import { describe, expect, it } from 'vitest'
import type { OverflowCounts } from '../bounds.ts'
import { type Bucket, createBucket } from '../bucket/bucket.ts'
import { type PartName, noPath } from '../bucket/dimensions.ts'
import {
  type BucketBounds,
  decodeBreakdown,
  decodeTotals,
  decodeValues,
  defaultBucketBounds,
} from '../bucket/parts.ts'
import { countBot, countEvent, countOtherHost } from './count-event.ts'
import { type SiteEvent, otherHost } from '../event.ts'
import { hash64 } from '../sketch/hash.ts'
import { type EventFields, siteEvent } from '../testing/event.ts'
import { runToCompletion } from '../../shared/cooperative-task.ts'

function event(fields: EventFields = {}): SiteEvent {
  const campaign = { source: 'news.example', campaign: 'spring', country: 'FR' }
  const agent = { device: 'mobile', browser: 'Safari', os: 'iOS' } as const
  return siteEvent({ path: '/a', title: 'A', ...campaign, ...agent, ...fields })
}

function createOpen(bounds: Partial<BucketBounds> = {}) {
  const [bucket, hour] = (['minute', 'hour'] as const).map(tier =>
    createBucket({ ...defaultBucketBounds, ...bounds }, tier),
  )
  if (!bucket || !hour) throw new RangeError('A tier has no bucket.')
  const open = { minute: { bucketAt: () => bucket }, hour: { bucketAt: () => hour } }
  return { bucket, hour, open }
}

function count(events: readonly SiteEvent[], bounds: Partial<BucketBounds> = {}) {
  const { bucket, hour, open } = createOpen(bounds)
  const overflow: OverflowCounts = new Map()
  for (const each of events) countEvent(open, each, hash64(each.sender.visitor), overflow)
  return { bucket, hour, overflow }
}

function totalsOf(bucket: Bucket) {
  const [part] = runToCompletion(bucket.encode('totals'))
  if (!part) throw new RangeError('The bucket has no totals.')
  const { visitors, ...totals } = decodeTotals(part.bytes)
  return { ...totals, visitors: visitors.count() }
}

/** Returns the counts of every non-empty dimension. */
function countsOf(bucket: Bucket): Partial<Record<PartName, [string, number][]>> {
  const parts = runToCompletion(bucket.encode()).filter(
    ({ part }) => part !== 'totals' && part !== 'values',
  )
  return Object.fromEntries(
    parts.map(({ part, bytes }) => {
      const { rows } = runToCompletion(decodeBreakdown(bytes, defaultBucketBounds))
      return [part, [...rows].map(([name, row]) => [name, row.count])]
    }),
  )
}

describe('countEvent: page views', () => {
  it('count by name and by every known field', () => {
    const { bucket, overflow } = count([event(), event({ visitor: 'w' }), event()])
    expect(totalsOf(bucket)).toMatchObject({ events: 3, pageViews: 3, visitors: 2, botEvents: 0 })
    expect(countsOf(bucket)).toEqual({
      name: [['page_view', 3]],
      path: [['/a', 3]],
      referrer: [['news.example', 3]],
      campaign: [['spring', 3]],
      country: [['FR', 3]],
      device: [['mobile', 3]],
      browser: [['Safari', 3]],
      os: [['iOS', 3]],
    })
    expect(overflow.size).toBe(0)
  })

  it('without a path or country count as "(none)" or "(unknown)", and without a source or campaign for none', () => {
    const { bucket } = count([
      event({ path: undefined, source: undefined, campaign: undefined, country: undefined }),
    ])
    expect(countsOf(bucket)).toEqual({
      name: [['page_view', 1]],
      path: [[noPath, 1]],
      country: [['(unknown)', 1]],
      device: [['mobile', 1]],
      browser: [['Safari', 1]],
      os: [['iOS', 1]],
    })
  })

  it('without a referrer count as direct', () => {
    const { bucket } = count([event({ source: '(direct)' })])
    expect(countsOf(bucket).referrer).toEqual([['(direct)', 1]])
  })
})

describe('countEvent: dimensions of hours', () => {
  it('count in the bucket of the hour, and in no bucket of the minute', () => {
    const tags = { medium: 'email', term: 'boots', content: '__proto__' }
    const { bucket, hour } = count([event(tags), event({ ...tags, term: undefined })])
    expect(countsOf(hour)).toMatchObject({
      medium: [['email', 2]],
      term: [['boots', 1]],
      content: [['__proto__', 2]],
      channel: [['(unknown)', 2]],
      hostName: [['(unknown)', 2]],
    })
    expect(Object.keys(countsOf(bucket))).not.toContain('medium')
  })
})

describe('countEvent: links', () => {
  it.each([
    ['outbound', 'outbound'],
    ['download', 'download'],
    ['form_submit', 'form'],
    ['not_found', 'notFound'],
    ['site_search', 'search'],
  ])('count %s by its detail as %s', (name, dimension) => {
    const { hour } = count([event({ name, detail: 'x' }), event({ name })])
    expect(countsOf(hour)).toEqual({ [dimension]: [['x', 1]] })
  })

  it('count no detail of another event', () => {
    const { hour } = count([event({ name: 'order', detail: 'x' })])
    expect(countsOf(hour)).toEqual({})
  })
})

it('countEvent: counts distinct users, and new and returning visitors by the day of the event', () => {
  const at = Date.UTC(2026, 2, 10, 12)
  const today = at / 86_400_000 - 0.5
  const { bucket } = count([
    event({ at, visitor: 'a', user: 'ann', firstDay: today }),
    event({ at, visitor: 'b', user: 'ann', firstDay: today - 1 }),
    event({ at, visitor: 'c', user: '__proto__', firstDay: today - 1 }),
    event({ at, visitor: 'd' }),
  ])
  const { audience } = bucket.totals
  expect([
    audience?.users.count(),
    audience?.newVisitors.count(),
    audience?.returningVisitors.count(),
  ]).toEqual([2, 1, 2])
})

it('countOtherHost: counts a page view on another host by the host alone', () => {
  const { bucket, hour, open } = createOpen()
  const other = { hostName: otherHost, source: 'news.example', channel: 'Referral' }
  countOtherHost(open, event(other), hash64('v'), new Map())
  countOtherHost(open, event({ ...other, name: 'purchase' }), hash64('v'), new Map())
  expect(countsOf(hour)).toEqual({ hostName: [[otherHost, 1]] })
  expect(countsOf(bucket)).toEqual({})
  expect(bucket.totals).toMatchObject({ events: 0, pageViews: 0, botEvents: 0 })
})

it('countEvent: counts by versions, screen, language and place, and not by an unknown place', () => {
  const technology = { browserVersion: 'Chrome 142', osVersion: 'Windows 11', screen: '1920+' }
  const place = { region: 'Bavaria, DE', city: 'Munich, Bavaria, DE' }
  const { hour } = count([event({ ...technology, ...place, language: 'de' }), event()])
  expect(countsOf(hour)).toMatchObject({
    browserVersion: [
      ['(unknown)', 1],
      ['Chrome 142', 1],
    ],
    osVersion: [
      ['(unknown)', 1],
      ['Windows 11', 1],
    ],
    screen: [
      ['(unknown)', 1],
      ['1920+', 1],
    ],
    language: [
      ['(unknown)', 1],
      ['de', 1],
    ],
    region: [['Bavaria, DE', 1]],
    city: [['Munich, Bavaria, DE', 1]],
  })
})

it('countBot: counts an event of a bot by its program and in no other figure', () => {
  const { bucket, hour, open } = createOpen()
  countBot(open, event({ bot: 'Googlebot' }), hash64('v'), new Map())
  expect(totalsOf(bucket)).toMatchObject({ events: 0, pageViews: 0, visitors: 0, botEvents: 1 })
  expect([countsOf(bucket), countsOf(hour)]).toEqual([{}, { bot: [['Googlebot', 1]] }])
})

describe('countEvent: other events', () => {
  it('count only by name and goal', () => {
    const { bucket } = count([event({ name: 'sign_up', goals: ['Joined', 'Paid'] })])
    expect(totalsOf(bucket)).toMatchObject({ events: 1, pageViews: 0, visitors: 1 })
    expect(countsOf(bucket)).toEqual({
      name: [['sign_up', 1]],
      goal: [
        ['Joined', 1],
        ['Paid', 1],
      ],
    })
  })

  it('aggregate their values by name, including the value 0', () => {
    const { bucket } = count([
      event({ name: 'order', value: 0 }),
      event({ name: 'order', value: 5 }),
      event({ name: 'order' }),
      event({ value: 7 }),
    ])
    const [part] = runToCompletion(bucket.encode('values'))
    const rows = part ? [...decodeValues(part.bytes, defaultBucketBounds).rows] : []
    expect(
      rows.map(([name, values]) => {
        const { count: number, sum, last } = values.summary()
        return [name, number, sum, last]
      }),
    ).toEqual([
      ['order', 2, 5, 5],
      ['page_view', 1, 7, 7],
    ])
  })

  it('without a value encode no part of values', () => {
    const { bucket } = count([event({ name: 'order' })])
    expect(runToCompletion(bucket.encode('values'))).toEqual([])
  })
})

it('countEvent: counts the overflow of names in each dimension, and of values', () => {
  const { bucket, overflow } = count(
    [
      event({ name: 'a', goals: ['One'], value: 1 }),
      event({ name: 'b', goals: ['One', 'Two'], value: 1 }),
      event({ name: 'b' }),
      event({ name: 'c', goals: ['Three'] }),
    ],
    { maxBreakdownRows: 1, maxValueNames: 1 },
  )
  expect(totalsOf(bucket).events).toBe(4)
  // The names with the lowest counts overflow: `a` and `c` of three names, `Three` and `Two` of three goals.
  expect(overflow).toEqual(
    new Map([
      ['names', 4],
      ['value_names', 1],
    ]),
  )
})
