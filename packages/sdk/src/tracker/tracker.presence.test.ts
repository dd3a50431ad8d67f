import { describe, expect, it } from 'vitest'
import { accept, worldBegan } from './testing/fake-world.ts'
import { namesOf, presenceOf, start } from './testing/start.ts'

describe('Tracker: heartbeats', () => {
  it('are sent on a visible page without events', async () => {
    const { world, tracker } = start()
    await world.pass(20_000)
    tracker.track('scroll')
    await world.pass(65_000)
    expect(presenceOf(world)).toEqual([
      ['heartbeat', 50_000],
      ['heartbeat', 80_000],
    ])
    const { sentAt, events, client } = world.received.at(-1)?.batch ?? {}
    expect(client).toBe(world.received[0]?.batch.client)
    expect(sentAt).toBe(worldBegan + 80_000)
    expect(events).toEqual([{ name: 'heartbeat', url: 'https://shop.example/' }])
  })

  it('are not sent on a hidden page; a due one is sent when it becomes visible', async () => {
    const { world, tab } = start()
    await world.pass(10_000)
    tab.hide()
    await world.pass(100_000)
    expect(presenceOf(world)).toEqual([])
    tab.show()
    await world.settle()
    expect(presenceOf(world)).toEqual([['heartbeat', 110_000]])
  })

  it('are not sent when the visitor switches between tabs', async () => {
    const { world, tab } = start()
    await world.pass(1000)
    for (let flip = 0; flip < 10; flip += 1) {
      tab.hide()
      await world.pass(100)
      tab.show()
    }
    expect(presenceOf(world)).toEqual([])
  })

  it('begin a new interval after a heartbeat or an event', async () => {
    const { world, tab, tracker } = start()
    await world.pass(31_000)
    expect(presenceOf(world)).toHaveLength(1)
    tab.hide()
    tab.show()
    tab.hide()
    await world.pass(60_000)
    tracker.track('song_ended')
    tab.show()
    await world.settle()
    expect(presenceOf(world)).toHaveLength(1)
  })

  it('are not delayed by automatic events, which show no activity', async () => {
    const { world, tracker } = start()
    await world.pass(1000)
    tracker.use(({ record, listen }) => {
      listen(world.tab.window, 'scroll', () => record('scroll_depth', undefined, 5))
    })
    for (let second = 0; second < 40; second += 1) {
      await world.pass(1000)
      world.tab.window.dispatchEvent(new Event('scroll'))
    }
    expect(presenceOf(world)).toEqual([['heartbeat', 30_500]])
  })

  it('are sent also with `pageViews: false`', async () => {
    const { world } = start({ pageViews: false })
    await world.pass(31_000)
    expect(presenceOf(world)).toEqual([['heartbeat', 30_000]])
  })

  it.each([0, -5, NaN])('are not sent with an interval of %s', async heartbeatIntervalMs => {
    const { world } = start({ heartbeatIntervalMs })
    await world.pass(300_000)
    expect(presenceOf(world)).toEqual([])
  })

  it('have an interval of at least one second', async () => {
    const { world } = start({ heartbeatIntervalMs: 1 })
    await world.pass(4000)
    expect(presenceOf(world)).toHaveLength(3)
  })

  it('are independent of changes of the wall clock', async () => {
    const { world } = start()
    await world.pass(1000)
    world.turnClock(-3_600_000)
    await world.pass(30_000)
    world.turnClock(86_400_000)
    await world.pass(30_000)
    expect(presenceOf(world)).toHaveLength(2)
  })
})

describe('Tracker: leave', () => {
  it('is sent when the page is left, not when it is hidden', async () => {
    const { world, tab } = start({ visitorId: 'v' })
    await world.pass(1000)
    tab.hide()
    expect(presenceOf(world)).toEqual([])
    tab.leave()
    expect(world.received.at(-1)).toMatchObject({
      method: 'keepalive',
      batch: { events: [{ name: 'leave', url: 'https://shop.example/', visitorId: 'v' }] },
    })
  })

  it('is sent in the same request as the last events', () => {
    const { world, tab, tracker } = start()
    tracker.track('bought')
    tab.leave()
    expect(namesOf(world)).toEqual([['page_view', 'bought', 'leave']])
  })

  it('is sent once', () => {
    const { world, tab } = start()
    tab.leave()
    tab.hide()
    expect(presenceOf(world)).toHaveLength(1)
  })

  it('is never sent late, nor are heartbeats', async () => {
    const { world, tab } = start()
    await world.pass(1000)
    world.takesBeacons = false
    world.answer = () => new Error('offline')
    await world.pass(31_000)
    tab.leave()
    await world.settle()
    const before = world.received.length
    world.answer = () => accept()
    tab.goOnline()
    await world.pass(20_000)
    expect(world.received).toHaveLength(before)
    expect(presenceOf(world).map(([name]) => name)).toEqual(['heartbeat', 'leave'])
  })
})
