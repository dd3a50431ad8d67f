import { describe, expect, it } from 'vitest'
import { storedVisitor } from '../capture/stored-visitor.ts'
import { type FakeTab, accept } from './testing/fake-world.ts'
import { eventsUrl, namesOf, quiet, start, startTab, viewsOf, presenceOf } from './testing/start.ts'
import type { Tracker, TrackerOptions } from './types.ts'

const flag = `tidemark ${eventsUrl} off`

function setSignal(signal: 'globalPrivacyControl' | 'doNotTrack'): (tab: FakeTab) => void {
  const value = signal === 'doNotTrack' ? '1' : true
  return ({ host }) => void Object.assign(host.navigator ?? {}, { [signal]: value })
}

/** Does everything that a page may do. */
async function use(tracker: Tracker): Promise<void> {
  tracker.identify('user')
  tracker.track('a')
  tracker.pageView()
  tracker.persist()
  await tracker.flush()
}

describe('Privacy: Global Privacy Control', () => {
  it('makes the visit anonymous by default: no ids, nothing stored', async () => {
    const { world, tracker } = start(
      { persist: true, visitorId: 'v' },
      setSignal('globalPrivacyControl'),
    )
    tracker.use(storedVisitor())
    await use(tracker)
    world.answer = () => new Error('offline')
    tracker.track('b')
    await world.pass(60_000)
    expect(namesOf(world)[0]).toEqual(['page_view', 'a', 'page_view'])
    for (const event of world.events()) {
      expect(event).not.toHaveProperty('visitorId')
      expect(event).not.toHaveProperty('userId')
    }
    expect(world.storage.writes).toEqual([])
  })

  it('sends nothing with `privacyControl: "off"`', async () => {
    const { world, tab, tracker } = start(
      { privacyControl: 'off', persist: true },
      setSignal('globalPrivacyControl'),
    )
    await use(tracker)
    tracker.optIn()
    tab.push('/a')
    tab.leave()
    await world.pass(300_000)
    expect(world.received).toEqual([])
    expect(world.storage.writes).toEqual([])
    expect(tab.listened).toEqual([])
    expect(tracker.state).toBe('privacy_signal')
  })

  it('has no effect with `privacyControl: "ignore"`, and no option has one without the signal', async () => {
    const ignored = start(
      { ...quiet, privacyControl: 'ignore', persist: true, visitorId: 'v' },
      setSignal('globalPrivacyControl'),
    )
    const absent = start({ ...quiet, privacyControl: 'off', persist: true, visitorId: 'v' })
    for (const { world, tracker } of [ignored, absent]) {
      tracker.identify('u')
      tracker.track('a')
      expect(world.storage.keys()).toHaveLength(1)
      await world.pass(1000)
      expect(world.events()).toMatchObject([{ visitorId: 'v', userId: 'u' }])
    }
  })
})

describe('Privacy: Do Not Track', () => {
  it('sends nothing with `respectDoNotTrack`', async () => {
    const { world, tab, tracker } = start({ respectDoNotTrack: true }, setSignal('doNotTrack'))
    await use(tracker)
    tab.leave()
    await world.pass(300_000)
    expect([world.received, tab.listened]).toEqual([[], []])
    expect(tracker.state).toBe('privacy_signal')
  })

  it.each<[Partial<TrackerOptions>, string]>([
    [{}, '1'],
    [{ respectDoNotTrack: true }, '0'],
    [{ respectDoNotTrack: true }, 'unspecified'],
  ])('has no effect without the option or the signal: %j, %s', async (options, doNotTrack) => {
    const { world } = start(options, ({ host }) =>
      Object.assign(host.navigator ?? {}, { doNotTrack }),
    )
    await world.pass(1000)
    expect(viewsOf(world)).toEqual(['/'])
  })
})

describe('Privacy: opt-out', () => {
  it.each(['optOut', 'exclude'] as const)(
    '`%s` deletes everything that is stored, leaves one flag, and sends nothing',
    async method => {
      const { world, tab, tracker } = start({ persist: true })
      tracker.use(storedVisitor())
      world.storage.set(`tidemark ${eventsUrl} gone 1`, '{"n":1,"timestamp":1}')
      tracker.track('a')
      expect(world.storage.keys().length).toBeGreaterThan(2)
      tracker[method]()
      expect(world.storage.keys()).toEqual([flag])
      expect(tracker.state).toBe('opted_out')
      await use(tracker)
      tab.push('/b')
      tab.leave()
      await world.pass(300_000)
      expect(world.received).toEqual([])
      expect(world.storage.keys()).toEqual([flag])
      expect(tracker.counts.waiting).toBe(0)
    },
  )

  it('leaves the flag also without `persist`', () => {
    const { world, tracker } = start()
    tracker.optOut()
    expect(world.storage.keys()).toEqual([flag])
  })

  it('holds for later pages, until `optIn`', async () => {
    const { world, tracker } = start()
    tracker.optOut()
    const next = startTab(world, { persist: true })
    await use(next.tracker)
    await world.pass(60_000)
    expect(next.tracker.state).toBe('opted_out')
    expect(world.received).toEqual([])
    next.tracker.optIn()
    expect(world.storage.keys()).not.toContain(flag)
    await world.pass(2000)
    expect(next.tracker.state).toBe('active')
    expect(viewsOf(world)).toEqual(['/'])
  })

  it('holds for other open pages of the browser, from their next event', async () => {
    const { world, tracker } = start(quiet)
    const other = startTab(world, { ...quiet, persist: true })
    tracker.optOut()
    other.tracker.track('a')
    await world.pass(60_000)
    expect(world.received).toEqual([])
    expect(world.storage.keys()).toEqual([flag])
    expect(other.tracker.state).toBe('opted_out')
  })

  it('is not ended by another page that withdraws the consent to storage', () => {
    const { world, tracker } = start(quiet)
    const other = startTab(world, { ...quiet, persist: true })
    tracker.optOut()
    other.tracker.persist(false)
    expect(world.storage.keys()).toEqual([flag])
  })

  it('ends with `optIn`: the tracker goes on, without a second view of the page', async () => {
    const { world, tab, tracker } = start()
    await world.pass(1000)
    tracker.optOut()
    await world.pass(60_000)
    tracker.optIn()
    await world.pass(1000)
    tab.push('/a')
    tracker.track('b')
    await world.pass(2000)
    tab.leave()
    expect(viewsOf(world)).toEqual(['/', '/a'])
    expect(namesOf(world).at(-1)).toEqual(['leave'])
  })

  it('ends with `optIn` also on a page that began with it', async () => {
    const { world, tab, tracker } = start({}, (_, { storage }) => storage.set(flag, '1'))
    await world.pass(60_000)
    tracker.optIn()
    await world.pass(1000)
    tab.push('/a')
    await world.pass(2000)
    tab.leave()
    expect(viewsOf(world)).toEqual(['/', '/a'])
    expect(namesOf(world).at(-1)).toEqual(['leave'])
  })

  it('ends with `optIn` also for automatic events', async () => {
    const { world, tracker } = start(quiet, (_, { storage }) => storage.set(flag, '1'))
    tracker.use(({ listen, record }) =>
      listen(world.tab.document, 'click', () => record('outbound')),
    )
    world.tab.document.dispatchEvent(new Event('click'))
    tracker.optIn()
    world.tab.document.dispatchEvent(new Event('click'))
    await world.pass(2000)
    expect(world.events()).toMatchObject([{ name: 'outbound' }])
  })

  it('ends with `optIn` also if a request of before never settles', async () => {
    const { world, tab, tracker } = start()
    const { fetch } = tab.host
    tab.host.fetch = () => new Promise(() => {})
    await world.pass(1000)
    tracker.optOut()
    await world.pass(60_000)
    tab.host.fetch = fetch
    tracker.optIn()
    tracker.track('after')
    await world.pass(2000)
    expect(world.events().map(({ name }) => name)).toEqual(['after'])
  })

  it('stops heartbeats, and `optIn` starts them again', async () => {
    const { world, tracker } = start()
    await world.pass(1000)
    tracker.optOut()
    await world.pass(120_000)
    expect(presenceOf(world)).toEqual([])
    tracker.optIn()
    await world.pass(31_000)
    expect(presenceOf(world).map(([name]) => name)).toEqual(['heartbeat'])
  })

  it('right after the start, then `optIn`: the page has one view', async () => {
    const { world, tracker } = start()
    await world.pass(100)
    tracker.optOut()
    await world.pass(5000)
    tracker.optIn()
    await world.pass(5000)
    expect(viewsOf(world)).toEqual(['/'])
  })

  it('discards what automatic events measured meanwhile', async () => {
    const { world, tracker } = start()
    let measured = 0
    tracker.use(({ onPause, record }) =>
      onPause(() => {
        record('engagement', { value: measured })
        measured = 0
      }),
    )
    await world.pass(1000)
    tracker.optOut()
    measured = 4000
    tracker.optIn()
    tracker.stop()
    await world.settle()
    expect(world.events().filter(({ name, value }) => name === 'engagement' && value)).toEqual([])
    expect(measured).toBe(0)
  })

  it('during a request drops its events once: the answer counts nothing', async () => {
    const { world, tracker } = start()
    let answer: (response: Response) => void = () => {}
    world.answer = () => new Promise(resolve => (answer = resolve))
    await world.pass(1000)
    tracker.optOut()
    answer(accept())
    await world.pass(1000)
    expect(tracker.counts).toEqual({ accepted: 0, rejected: 0, dropped: 1, waiting: 0 })
  })

  it('without a storage holds for the page', async () => {
    const { world, tracker } = start(quiet, (_, { storage }) => {
      storage.faults.isBlocked = true
    })
    tracker.optOut()
    tracker.track('a')
    await world.pass(60_000)
    expect(world.received).toEqual([])
  })

  it('`optIn` without an opt-out has no effect', async () => {
    const { world, tracker } = start()
    tracker.optIn()
    await world.pass(2000)
    expect(viewsOf(world)).toEqual(['/'])
  })
})
