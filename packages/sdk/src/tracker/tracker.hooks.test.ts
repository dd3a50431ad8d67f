import { describe, expect, it } from 'vitest'
import type { EventHook } from './capture-context.ts'
import { namesOf, presenceOf, quiet, start, viewsOf } from './testing/start.ts'

describe('beforeSend', () => {
  it('changes an event before it is stored and sent', async () => {
    const { world, tracker } = start({
      ...quiet,
      persist: true,
      beforeSend: event => ({ ...event, url: 'https://shop.example/masked', visitorId: 'v' }),
    })
    tracker.track('a')
    expect(world.storage.get(world.storage.keys()[0] ?? '')).toContain('/masked')
    await world.pass(1000)
    expect(world.events()).toMatchObject([
      { n: 1, name: 'a', url: 'https://shop.example/masked', visitorId: 'v' },
    ])
  })

  it('sees the event with its defaults and properties', () => {
    const seen: unknown[] = []
    const { tracker } = start({
      ...quiet,
      visitorId: 'v',
      beforeSend: event => void seen.push(event),
    })
    tracker.setProperties({ theme: 'dark' })
    tracker.identify('u')
    tracker.track('a', { plan: 'pro' }, { value: 3 })
    expect(seen).toMatchObject([
      {
        ...{ name: 'a', visitorId: 'v', userId: 'u', url: 'https://shop.example/', value: 3 },
        properties: { theme: 'dark', plan: 'pro' },
      },
    ])
  })

  it.each([null, undefined, false, 0, ''])('drops an event by returning %j', async result => {
    const beforeSend = (() => result) as EventHook
    const { world, tracker } = start({ ...quiet, persist: true, beforeSend })
    tracker.track('a')
    await world.pass(60_000)
    expect(world.received).toEqual([])
    expect(world.storage.writes).toEqual([])
    expect(tracker.counts).toMatchObject({ dropped: 1, waiting: 0 })
  })

  it('drops an event by an exception, and only that one', async () => {
    const { world, tab, tracker } = start({
      beforeSend(event) {
        if (event.name === 'page_view' || event.name === 'bad') throw new Error('ours')
        return event
      },
    })
    tracker.track('a')
    tracker.track('bad')
    tracker.track('b')
    tab.leave()
    expect(namesOf(world)).toEqual([['a', 'b', 'leave']])
    expect(tracker.counts.dropped).toBe(2)
  })

  it('whose exception concerns `leave` does not hold back the last events', () => {
    const { world, tab, tracker } = start({
      beforeSend(event) {
        if (event.name === 'leave') throw new Error('ours')
        return event
      },
    })
    tracker.track('a')
    tab.leave()
    expect(namesOf(world)).toEqual([['page_view', 'a']])
  })

  it('changes and drops presence events too', async () => {
    const masked = start({ beforeSend: event => ({ ...event, url: 'https://shop.example/x' }) })
    await masked.world.pass(40_000)
    masked.tab.leave()
    const urls = masked.world.received.flatMap(({ batch }) => batch.events.map(({ url }) => url))
    expect(new Set(urls)).toEqual(new Set(['https://shop.example/x']))
    expect(presenceOf(masked.world)).toHaveLength(2)
    const dropping = start({ beforeSend: event => event.name === 'page_view' && event })
    await dropping.world.pass(40_000)
    dropping.tab.leave()
    expect(presenceOf(dropping.world)).toEqual([])
    expect(viewsOf(dropping.world)).toEqual(['/'])
  })

  it('cannot make an event invalid', async () => {
    const { world, tracker } = start({
      ...quiet,
      beforeSend: event =>
        Object.assign(event, { n: 99, extra: {}, title: 'x'.repeat(500), value: NaN }),
    })
    tracker.track('a')
    await world.pass(1000)
    expect(world.events()).toStrictEqual([
      {
        ...{ n: 1, timestamp: world.events()[0]?.timestamp, name: 'a' },
        ...{ url: 'https://shop.example/', title: 'x'.repeat(300) },
      },
    ])
  })
})

describe('onEvent', () => {
  it('runs the function that was added last first, and `beforeSend` last', () => {
    const order: string[] = []
    const note =
      (name: string): EventHook =>
      event => {
        order.push(name)
        return event
      }
    const { tracker } = start({ ...quiet, beforeSend: note('beforeSend') })
    tracker.use(({ onEvent }) => onEvent(note('first')))
    tracker.use(({ onEvent }) => onEvent(note('second')))
    tracker.track('a')
    expect(order).toEqual(['second', 'first', 'beforeSend'])
  })

  it('does not call further functions after an event was dropped', () => {
    const order: string[] = []
    const { tracker } = start({ ...quiet, beforeSend: () => void order.push('beforeSend') })
    tracker.use(({ onEvent }) => onEvent(() => null))
    tracker.track('a')
    expect(order).toEqual([])
  })
})

describe('Capture', () => {
  it('that throws does not end the tracker', async () => {
    const { world, tracker } = start(quiet)
    tracker.use(() => {
      throw new Error('ours')
    })
    tracker.track('a')
    await world.pass(1000)
    expect(tracker.counts).toMatchObject({ accepted: 1, dropped: 1 })
  })

  it('whose `onPause` throws does not hold back events', () => {
    const { world, tab, tracker } = start()
    const calls: string[] = []
    tracker.use(({ onPause }) => {
      onPause(() => {
        throw new Error('ours')
      })
      onPause(() => calls.push('next'))
    })
    tracker.track('a')
    tab.push('/b')
    tab.leave()
    expect(viewsOf(world)).toEqual(['/', '/b'])
    expect(namesOf(world).flat()).toContain('leave')
    expect(calls).toEqual(['next', 'next', 'next'])
  })

  it('records automatic events of the view, before the view ends', async () => {
    const { world, tab, tracker } = start()
    tracker.use(({ onPause, record }) => onPause(() => record('engagement', undefined, 5)))
    await world.pass(1000)
    tab.push('/b')
    await world.pass(2000)
    const [, second] = world.events()
    expect(second).toMatchObject({ name: 'engagement', value: 5, url: 'https://shop.example/' })
  })

  it('listens with listeners that end with the tracker and never throw into the page', () => {
    const { tab, tracker } = start(quiet)
    let calls = 0
    tracker.use(({ listen }) =>
      listen(tab.document, 'click', () => {
        calls += 1
        throw new Error('ours')
      }),
    )
    tab.document.dispatchEvent(new Event('click'))
    expect([calls, tracker.counts.dropped]).toEqual([1, 1])
    tracker.stop()
    tab.document.dispatchEvent(new Event('click'))
    expect(calls).toBe(1)
  })
})
