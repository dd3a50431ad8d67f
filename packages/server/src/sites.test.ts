import { describe, expect, it } from 'vitest'
import { type Decision, decide } from './ingest/decide.ts'
import { type Log, type LogRecord, LogUnavailableError } from './log/log.ts'
import { createMemoryLog } from './log/memory.ts'
import { type Sites, createSites, maxSites } from './sites.ts'
import { type ManualClock, createManualClock } from './testing/clock.ts'

const hourMs = 3_600_000

function setUp(change: (log: Log) => Log = log => log) {
  const clock = createManualClock()
  const log = change(createMemoryLog({ now: clock.now() }))
  const sites = createSites(log, clock)
  const offsets = async (): Promise<number[]> => {
    const all: number[] = []
    for await (const { offset } of log.read(0)) all.push(offset)
    return all
  }
  return { clock, log, sites, offsets }
}

/** Takes a request as ingest does. */
async function accept(sites: Sites, clock: ManualClock, body: unknown, site = 'shop') {
  const receivedAt = clock.now()
  const text = JSON.stringify(body)
  const sender = { visitor: '~v', country: undefined, device: 'other' as const }
  const intake = decide(text, sender, receivedAt)
  if (typeof intake === 'string') throw new Error(intake)
  const decision: Decision = intake.decision
  const record: LogRecord = { site, receivedAt, body: text, decision: JSON.stringify(decision) }
  await sites.accept(record, intake.events)
}

describe('recovery', () => {
  it('says what it found, and gives every site its own', async () => {
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
    const again = createSites(log, clock)
    expect(await again.recover()).toEqual({ records: 3, events: 4, durationMs: 0 })
    expect(again.count).toBe(2)
    expect(again.open('shop')?.state.minute(clock.now())?.events).toBe(3)
    expect(again.open('blog')?.state.minute(clock.now())?.events).toBe(1)
  })

  it('of an empty log finds nothing', async () => {
    const { sites } = setUp()
    expect(await sites.recover()).toEqual({ records: 0, events: 0, durationMs: 0 })
  })
})

describe('a site', () => {
  it('is the same each time it is named', () => {
    const { sites } = setUp()
    expect(sites.open('shop')).toBe(sites.open('shop'))
    expect(sites.open('blog')).not.toBe(sites.open('shop'))
  })

  it('that was only ever named makes room, and one that was used or is read does not', async () => {
    const { sites, clock } = setUp()
    await accept(sites, clock, { name: 'x' }, 'used')
    sites.signal('seen', [
      {
        kind: 'heartbeat',
        visitor: 'v',
        path: undefined,
        source: undefined,
        country: undefined,
        device: undefined,
      },
    ])
    const read = sites.open('read')
    read?.stream.subscribe({ channels: ['pageViews'], minutes: 5 }, () => {})
    for (let n = 0; n < 2 * maxSites; n++) sites.open(`named-${n}`)
    expect(sites.count).toBe(maxSites)
    expect(sites.open('read')).toBe(read)
    expect(sites.open('used')?.state.currentVisitors()).toBe(1)
    expect(sites.open('seen')?.state.currentVisitors()).toBe(1)
    await accept(sites, clock, { name: 'x' }, 'new')
    expect(sites.open('new')?.state.currentVisitors()).toBe(1)
  })

  it('is refused when all that there may be are in use', async () => {
    const { sites, clock } = setUp()
    for (let n = 0; n < maxSites; n++) await accept(sites, clock, { name: 'x' }, `site-${n}`)
    expect(sites.open('one-more')).toBeUndefined()
    expect(sites.open('site-0')).toBeDefined()
  })

  it('publishes what is accepted, once it is in the log', async () => {
    const { sites, clock } = setUp()
    const stream = sites.open('shop')?.stream
    const accepted = accept(sites, clock, { name: 'x' })
    expect(stream?.head.seq).toBe(0)
    await accepted
    expect(stream?.head.seq).toBe(1)
  })

  it('is as it was when the log could not be written', async () => {
    const { sites, clock } = setUp(log => ({
      ...log,
      append: () => Promise.reject(new LogUnavailableError('There is no room')),
    }))
    const site = sites.open('shop')
    await expect(accept(sites, clock, { name: 'x' })).rejects.toThrow(LogUnavailableError)
    expect(site?.stream.head.seq).toBe(0)
    expect(site?.state.minute(clock.now())).toBeUndefined()
  })

  it('is folded in the order of the log, however long each record took', async () => {
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

describe('the log', () => {
  it('forgets each hour what is older than any event may be, and nothing younger', async () => {
    const { sites, clock, offsets } = setUp()
    for (let hour = 0; hour < 60; hour++) {
      await accept(sites, clock, { name: `hour ${hour}` })
      clock.advance(hourMs)
    }
    const kept = await offsets()
    // Of 60 hours the last 48 are needed, and what lies in one hour goes together.
    expect(kept.at(-1)).toBe(60)
    expect(kept[0]).toBeLessThanOrEqual(13)
    expect(kept[0]).toBeGreaterThanOrEqual(11)
    expect(kept.length).toBe(60 - (kept[0] ?? 0) + 1)
  })

  it('still has all that a restart needs', async () => {
    const { sites, clock, log } = setUp()
    for (let hour = 0; hour < 60; hour++) {
      await accept(sites, clock, { client: 'c', events: [{ n: hour + 1, name: 'page_view' }] })
      clock.advance(hourMs)
    }
    const again = createSites(log, clock)
    await again.recover()
    const [before, after] = [sites.open('shop')?.state, again.open('shop')?.state]
    before?.advance(clock.now())
    for (let hour = 0; hour < 70; hour++) {
      const at = clock.now() - hour * hourMs
      expect(after?.minute(at)).toEqual(before?.minute(at))
    }
    expect(before?.minute(clock.now() - 47 * hourMs)?.events).toBe(1)
  })

  it('that has no room to forget is asked again the next hour', async () => {
    let isFull = true
    const asked: number[] = []
    const { sites, clock, offsets } = setUp(log => ({
      ...log,
      trim(before) {
        asked.push(before)
        return isFull ? Promise.reject(new LogUnavailableError('No room')) : log.trim(before)
      },
    }))
    for (let hour = 0; hour < 52; hour++) {
      await accept(sites, clock, { name: 'x' })
      clock.advance(hourMs)
    }
    expect(asked.length).toBeGreaterThan(1)
    expect((await offsets()).length).toBe(52)
    isFull = false
    clock.advance(hourMs)
    await Promise.resolve()
    expect((await offsets()).length).toBeLessThan(52)
  })
})

it('holds no timer once it is closed, also when something was still on its way', async () => {
  const { sites, clock } = setUp()
  sites.open('shop')
  await accept(sites, clock, { name: 'page_view' })
  const late = accept(sites, clock, { name: 'page_view' })
  sites.close()
  await late
  expect(clock.pending).toBe(0)
})
