import { type Selection, channelNames } from '@tidemark/protocol'
import { describe, expect, it } from 'vitest'
import { type Decision, type Sender, decide } from '../ingest/decide.ts'
import { type Log, type LogRecord, LogUnavailableError } from '../log/log.ts'
import { createMemoryLog } from '../log/memory.ts'
import { createWriteBehind } from '../log/write-behind.ts'
import { maxSites } from './registry.ts'
import { siteEvent } from '../rollup/testing/event.ts'
import type { Site } from './site.ts'
import { type Sites, createSites } from './sites.ts'
import { type ManualClock, createManualClock } from '../testing/clock.ts'
import { senderFacts } from '../testing/sender-facts.ts'

const hourMs = 3_600_000
const everything: Selection = {
  channels: channelNames,
  minutes: 5,
  paths: ['/'],
  properties: [{ event: 'purchase', property: 'plan' }],
}

function setUp(change: (log: Log) => Log = log => log) {
  const clock = createManualClock()
  const log = change(createMemoryLog({ now: clock.now() }))
  const sites = createSites({ log, clock })
  const recovered = sites.recover()
  const offsets = async (): Promise<number[]> => {
    const all: number[] = []
    for await (const { offset } of log.read(0)) all.push(offset)
    return all
  }
  return { clock, log, sites, recovered, offsets }
}

/** Accepts a request as the ingest route does. */
async function accept(sites: Sites, clock: ManualClock, body: unknown, site = 'shop') {
  const receivedAt = clock.now()
  const text = JSON.stringify(body)
  const sender: Sender = {
    deriveVisitorId: () => '~v',
    ...senderFacts(),
  }
  const intake = decide(text, sender, receivedAt)
  if (typeof intake === 'string') throw new Error(intake)
  const decision: Decision = intake.decision
  const record: LogRecord = { site, receivedAt, body: text, decision: JSON.stringify(decision) }
  await sites.accept(record, intake.events)
}

/** Counts the events in the minute of a time. */
function eventsAt(site: Site | undefined, at: number): number {
  const start = Math.floor(at / 60_000) * 60_000
  const [minute] = site?.state.history.tiers.totals('minute', start, start + 60_000) ?? []
  return minute?.totals.events ?? 0
}

describe('createSites: recovery', () => {
  it('folds the log into all sites, and returns the counts', async () => {
    const { clock, log, sites } = setUp()
    await accept(sites, clock, {
      client: 'c',
      events: [
        { n: 1, name: 'x' },
        { n: 2, name: 'x' },
      ],
    })
    await accept(sites, clock, {
      client: 'c',
      events: [{ n: 1, name: 'x' }, {}, { n: 3, name: 'x' }],
    })
    await accept(sites, clock, { name: 'x' }, 'blog')
    const again = createSites({ log, clock })
    expect(await again.recover()).toMatchObject({ records: 3, events: 4, durationMs: 0 })
    expect(again.count).toBe(2)
    expect(eventsAt(again.open('shop'), clock.now())).toBe(3)
    expect(eventsAt(again.open('blog'), clock.now())).toBe(1)
  })

  it('finds nothing in an empty log', async () => {
    const { recovered } = setUp()
    expect(await recovered).toEqual({
      records: 0,
      events: 0,
      durationMs: 0,
      lostWrites: 0,
      damagedParts: [],
      isTorn: false,
    })
  })
})

describe('createSites: a site', () => {
  it('is the same object for each request', () => {
    const { sites } = setUp()
    expect(sites.open('shop')).toBe(sites.open('shop'))
    expect(sites.open('blog')).not.toBe(sites.open('shop'))
  })

  it('is evicted while unused, and not while it has events, presence or readers', async () => {
    const { sites, clock } = setUp()
    await accept(sites, clock, { name: 'x' }, 'used')
    sites.signal('active', [siteEvent({ name: 'heartbeat' })])
    const read = sites.open('read')
    read?.streams
      .of(0)
      .subscribe({ channels: ['pageViews'], minutes: 5, paths: [], properties: [] }, () => {})
    const watched = sites.open('watched')
    const release = watched?.streams.of(0).retain()
    for (let n = 0; n < 2 * maxSites; n++) sites.open(`named-${n}`)
    expect(sites.count).toBe(maxSites)
    expect(sites.open('read')).toBe(read)
    expect(sites.open('watched')).toBe(watched)
    release?.()
    for (let n = 0; n < maxSites; n++) sites.open(`later-${n}`)
    expect(sites.open('watched')).not.toBe(watched)
    expect(sites.open('used')?.state.currentVisitors()).toBe(1)
    expect(sites.open('active')?.state.currentVisitors()).toBe(1)
    await accept(sites, clock, { name: 'x' }, 'new')
    expect(sites.open('new')?.state.currentVisitors()).toBe(1)
  })

  it('is not saved while unused, so a later server does not restore it', async () => {
    const { sites, clock, log } = setUp()
    for (let n = 0; n < maxSites; n++) sites.open(`named-${n}`)
    clock.advance(2 * hourMs)
    const again = createSites({ log, clock })
    await again.recover()
    expect(again.count).toBe(0)
  })

  it('is refused when the maximum number of sites is in use', async () => {
    const { sites, clock } = setUp()
    for (let n = 0; n < maxSites; n++) await accept(sites, clock, { name: 'x' }, `site-${n}`)
    expect(sites.open('one-more')).toBeUndefined()
    expect(sites.open('site-0')).toBeDefined()
  })

  it('publishes accepted events once they are in the log', async () => {
    const { sites, clock } = setUp()
    const stream = sites.open('shop')?.streams.of(0)
    stream?.cursorOf(everything)
    const accepted = accept(sites, clock, { name: 'x' })
    expect(stream?.head.seq).toBe(0)
    await accepted
    expect(stream?.head.seq).toBe(1)
  })

  it('is unchanged when the log cannot be written', async () => {
    const { sites, clock } = setUp(log => ({
      ...log,
      append: () => Promise.reject(new LogUnavailableError('The disk is full')),
    }))
    const site = sites.open('shop')
    await expect(accept(sites, clock, { name: 'x' })).rejects.toThrow(LogUnavailableError)
    expect(site?.streams.of(0).cursorOf(everything).seq).toBe(0)
    expect(eventsAt(site, clock.now())).toBe(0)
  })

  it('folds events in log order when records arrive at once', async () => {
    const { sites, clock } = setUp()
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => accept(sites, clock, { name: `event ${index}` })),
    )
    const names = sites
      .open('shop')
      ?.state.recentEvents()
      .map(({ name }) => name)
    expect(names).toEqual(Array.from({ length: 20 }, (_, index) => `event ${19 - index}`))
  })
})

describe('createSites: log', () => {
  it('is trimmed after checkpoints, from which a restart restores everything', async () => {
    const { sites, clock, log, offsets } = setUp()
    for (let hour = 0; hour < 60; hour++) {
      await accept(sites, clock, { client: 'c', events: [{ n: hour + 1, name: 'page_view' }] })
      await clock.pass(hourMs)
    }
    expect(await offsets()).toEqual([])
    const again = createSites({ log, clock })
    expect(await again.recover()).toMatchObject({ records: 0 })
    for (let hour = 1; hour <= 47; hour++) {
      expect(eventsAt(again.open('shop'), clock.now() - hour * hourMs), `${hour}`).toBe(1)
    }
    await accept(again, clock, { client: 'c', events: [{ n: 60, name: 'page_view' }] })
    expect(eventsAt(again.open('shop'), clock.now())).toBe(0)
  })

  it('keeps records without a checkpoint, also of sites that never had one', async () => {
    const { sites, clock, log, offsets } = setUp()
    await accept(sites, clock, { name: 'x' })
    await clock.pass(60_000)
    await accept(sites, clock, { name: 'x' }, 'blog')
    await accept(sites, clock, { name: 'x' })
    expect(await offsets()).toEqual([2, 3])
    const again = createSites({ log, clock })
    expect(await again.recover()).toMatchObject({ records: 2, events: 2 })
    expect(eventsAt(again.open('blog'), clock.now())).toBe(1)
    expect(again.open('shop')?.state.events(5)).toEqual([{ name: 'x', count: 2 }])
  })

  it('is not trimmed while checkpoints cannot be written', async () => {
    let isFull = true
    const { sites, clock, offsets } = setUp(log => ({
      ...log,
      store: createWriteBehind({
        ...log.store,
        async commit(site, checkpoint) {
          if (isFull) throw new LogUnavailableError('The disk is full')
          await log.store.commit(site, checkpoint)
        },
      }),
    }))
    for (let minute = 0; minute < 5; minute++) {
      await accept(sites, clock, { name: 'x' })
      await clock.pass(60_000)
    }
    expect((await offsets()).length).toBe(5)
    isFull = false
    await clock.pass(60_000)
    expect(await offsets()).toEqual([])
    expect(eventsAt(sites.open('shop'), clock.now() - 3 * 60_000)).toBe(1)
  })

  it('is trimmed again after the next checkpoint when trimming has failed', async () => {
    let isFull = true
    const { sites, clock, offsets } = setUp(log => ({
      ...log,
      trim: before =>
        isFull ? Promise.reject(new LogUnavailableError('The disk is full')) : log.trim(before),
    }))
    await accept(sites, clock, { name: 'x' })
    await clock.pass(60_000)
    expect(await offsets()).toEqual([1])
    isFull = false
    await accept(sites, clock, { name: 'x' })
    await clock.pass(60_000)
    expect(await offsets()).toEqual([])
  })
})

it('createSites: has no timer after close, also with an append in progress', async () => {
  const { sites, clock } = setUp()
  sites.open('shop')
  await accept(sites, clock, { name: 'page_view' })
  const late = accept(sites, clock, { name: 'page_view' })
  const closed = sites.close()
  await Promise.all([late, closed])
  expect(clock.pending).toBe(0)
})

it('createSites: closes the hours of an idle site without readers', async () => {
  const { clock, sites, recovered } = setUp()
  await recovered
  await accept(sites, clock, { events: [{ name: 'page_view' }] })
  await clock.pass(3 * hourMs)
  const { closedBefore } = sites.open('shop')?.state.history.tiers ?? {}
  expect(closedBefore?.hour).toBeGreaterThanOrEqual(clock.now() - 2 * hourMs)
})
