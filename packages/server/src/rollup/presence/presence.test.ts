import type { Device } from '@tidemark/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RollupBounds, type OverflowCounts, defaultBounds } from '../bounds.ts'
import { createByteReader, createByteWriter } from '../../shared/bytes.ts'
import { type PresenceUpdate, createPresence } from './presence.ts'
import { hash64 } from '../sketch/hash.ts'
import { runToCompletion } from '../../shared/cooperative-task.ts'

const activeMs = defaultBounds.activeMs
const graceMs = defaultBounds.leaveGraceMs
const start = 1_700_000_000_000

function setUp(bounds: Partial<RollupBounds> = {}) {
  const overflow: OverflowCounts = new Map()
  const made = createPresence({ ...defaultBounds, ...bounds }, overflow)
  const presence = {
    ...made,
    update: (id: string, sighting: PresenceUpdate, now: number) =>
      made.update(hash64(id), sighting, now),
    leave: (id: string, path: string | undefined, now: number) => made.leave(hash64(id), path, now),
  }
  const pages = () => presence.pages().map(({ name, count }) => [name, count])
  return { presence, overflow, pages }
}

function on(path: string | undefined, more: Partial<PresenceUpdate> = {}): PresenceUpdate {
  return { path, source: undefined, country: undefined, device: undefined, ...more }
}

describe('a visitor', () => {
  it('is here until exactly the active time after the last sign of life', () => {
    const { presence } = setUp()
    presence.update('a', on('/'), start)
    presence.advance(start + activeMs - 1)
    expect(presence.count()).toBe(1)
    presence.advance(start + activeMs)
    expect(presence.count()).toBe(0)
    expect(presence.pages()).toEqual([])
  })

  it('stays as long as signs of life come', () => {
    const { presence } = setUp()
    for (let beat = 0; beat < 10; beat++) {
      presence.advance(start + beat * (activeMs - 1))
      presence.update('a', on('/'), start + beat * (activeMs - 1))
    }
    expect(presence.count()).toBe(1)
  })

  it('ends by itself though others that came later, or were seen again, are still here', () => {
    const { presence } = setUp()
    presence.update('again', on('/'), start)
    presence.update('once', on('/'), start + 1)
    presence.update('again', on('/'), start + 2)
    presence.update('late', on('/'), start + 3)
    presence.advance(start + activeMs + 1)
    expect(presence.count()).toBe(2)
  })

  it('is on one page, the latest, with several tabs too', () => {
    const { presence, pages } = setUp()
    presence.update('a', on('/first'), start)
    presence.update('a', on('/second'), start + 1)
    expect(presence.count()).toBe(1)
    expect(pages()).toEqual([['/second', 1]])
    presence.update('a', on('/first'), start + 2)
    expect(pages()).toEqual([['/first', 1]])
  })

  it('is on `(none)` before it was seen on any page, and stays where it was when none is said', () => {
    const { presence, pages } = setUp()
    presence.update('a', on(undefined), start)
    expect(pages()).toEqual([['(none)', 1]])
    presence.update('a', on('/'), start)
    presence.update('a', on(undefined), start)
    expect(pages()).toEqual([['/', 1]])
  })

  it('keeps what is known of it where a later sign of life does not say', () => {
    const { presence } = setUp()
    const known = { source: 'news.example', country: 'FR', device: 'mobile' as const }
    presence.update('a', on('/', known), start)
    presence.update('a', on('/b'), start)
    expect(presence.sources()).toEqual([{ name: 'news.example', count: 1, rest: false }])
    expect(presence.countries()).toEqual([{ name: 'FR', count: 1, rest: false }])
    expect(presence.devices()).toEqual([{ name: 'mobile', count: 1, rest: false }])
  })

  it('of whom nothing is known is direct, from an unknown country, with some other device', () => {
    const { presence } = setUp()
    presence.update('a', on('/'), start)
    expect(presence.sources()[0]?.name).toBe('(direct)')
    expect(presence.countries()[0]?.name).toBe('(unknown)')
    expect(presence.devices()[0]?.name).toBe('other')
  })

  it.each(['__proto__', 'constructor', 'toString'])('may be called %s', id => {
    const { presence } = setUp()
    presence.update(id, on(id, { source: id }), start)
    presence.update(id, on(id, { source: id }), start)
    expect(presence.count()).toBe(1)
    expect(presence.pages()).toEqual([{ name: id, count: 1, rest: false }])
    presence.advance(start + activeMs)
    expect(presence.count()).toBe(0)
  })
})

describe('leaving', () => {
  it('ends a visitor exactly after the grace', () => {
    const { presence } = setUp()
    presence.update('a', on('/'), start)
    presence.leave('a', '/', start + 5)
    presence.advance(start + 5 + graceMs - 1)
    expect(presence.count()).toBe(1)
    presence.advance(start + 5 + graceMs)
    expect(presence.count()).toBe(0)
  })

  it('means nothing for a page that is not the current one, as another tab may be open', () => {
    const { presence } = setUp()
    presence.update('a', on('/first'), start)
    presence.update('a', on('/second'), start)
    presence.leave('a', '/first', start)
    presence.advance(start + graceMs)
    expect(presence.count()).toBe(1)
  })

  it('means nothing when a sign of life comes within the grace', () => {
    const { presence } = setUp()
    presence.update('a', on('/first'), start)
    presence.leave('a', '/first', start)
    presence.update('a', on('/second'), start + graceMs - 1)
    presence.advance(start + graceMs)
    expect(presence.count()).toBe(1)
    presence.advance(start + graceMs - 1 + activeMs)
    expect(presence.count()).toBe(0)
  })

  it('without a page ends a visitor who is on none', () => {
    const { presence } = setUp()
    presence.update('a', on(undefined), start)
    presence.leave('a', undefined, start)
    presence.advance(start + graceMs)
    expect(presence.count()).toBe(0)
  })

  it('counts from the last time, and keeps nobody else waiting', () => {
    const { presence } = setUp()
    presence.update('a', on('/'), start)
    presence.update('b', on('/'), start)
    presence.leave('a', '/', start)
    presence.leave('b', '/', start + 1)
    presence.leave('a', '/', start + 2)
    presence.advance(start + 1 + graceMs)
    expect(presence.count()).toBe(1)
    presence.advance(start + 2 + graceMs)
    expect(presence.count()).toBe(0)
  })

  it('of somebody who is not here means nothing', () => {
    const { presence } = setUp()
    presence.leave('a', undefined, start)
    presence.advance(start + graceMs)
    expect(presence.count()).toBe(0)
  })

  it('does not end whoever comes back after it was over', () => {
    const { presence } = setUp({ leaveGraceMs: activeMs * 2 })
    presence.update('a', on('/'), start)
    presence.leave('a', '/', start)
    presence.advance(start + activeMs)
    presence.update('a', on('/'), start + activeMs + 1)
    presence.advance(start + activeMs * 2)
    expect(presence.count()).toBe(1)
  })
})

describe('the bound', () => {
  it('turns away visitors past it, counts them, and still knows those who are here', () => {
    const { presence, overflow, pages } = setUp({ maxActiveVisitors: 2 })
    presence.update('a', on('/'), start)
    presence.update('b', on('/'), start)
    presence.update('c', on('/'), start)
    presence.update('a', on('/a'), start + 1)
    expect(presence.count()).toBe(2)
    expect(pages()).toEqual([
      ['/', 1],
      ['/a', 1],
    ])
    expect(overflow).toEqual(new Map([['visitors', 1]]))
  })
})

interface Known extends Record<'path' | 'source' | 'country' | 'device', string> {
  endsAt: number
  leavesAt: number
}

/** Presence as its text says it, with no thought for speed. */
function createModel() {
  const visitors = new Map<string, Known>()
  return {
    visitors,
    update(id: string, said: PresenceUpdate, now: number) {
      const before = visitors.get(id)
      visitors.set(id, {
        path: said.path ?? before?.path ?? '(none)',
        source: said.source ?? before?.source ?? '(direct)',
        country: said.country ?? before?.country ?? '(unknown)',
        device: said.device ?? before?.device ?? 'other',
        endsAt: now + activeMs,
        leavesAt: Infinity,
      })
    },
    leave(id: string, path: string | undefined, now: number) {
      const visitor = visitors.get(id)
      if (visitor?.path === (path ?? '(none)')) visitor.leavesAt = now + graceMs
    },
    advance(now: number) {
      for (const [id, { endsAt, leavesAt }] of visitors) {
        if (Math.min(endsAt, leavesAt) <= now) visitors.delete(id)
      }
    },
    tally(of: 'path' | 'source' | 'country' | 'device') {
      const counts: Record<string, number> = Object.create(null) as Record<string, number>
      for (const visitor of visitors.values()) counts[visitor[of]] = (counts[visitor[of]] ?? 0) + 1
      return counts
    },
  }
}

it('is what a plain model says, and every list sums to the count, whatever happens', () => {
  const some = <T>(...values: T[]) => fc.constantFrom(...values)
  const ids = some('a', 'b', 'c', '__proto__')
  const paths = some('/', '/a', '/b', undefined)
  const devices = some<Device | undefined>('desktop', 'mobile', undefined)
  const sightings: fc.Arbitrary<PresenceUpdate> = fc.record({
    path: paths,
    source: some('x.example', 'y.example', undefined),
    country: some('FR', 'DE', undefined),
    device: devices,
  })
  const steps = fc.array(
    fc.record({
      afterMs: some(0, 1, graceMs - 1, graceMs, activeMs / 2, activeMs - 1, activeMs, activeMs * 3),
      what: fc.oneof(
        fc.record({ id: ids, sighting: sightings }),
        fc.record({ id: ids, leaves: paths }),
        fc.constant(undefined),
      ),
    }),
    { maxLength: 40 },
  )
  fc.assert(
    fc.property(steps, all => {
      const { presence } = setUp({ maxListRows: 2 })
      const model = createModel()
      let now = start
      for (const { afterMs, what } of all) {
        now += afterMs
        for (const each of [presence, model]) {
          each.advance(now)
          if (what && 'sighting' in what) each.update(what.id, what.sighting, now)
          else if (what) each.leave(what.id, what.leaves, now)
        }
        expect(presence.count()).toBe(model.visitors.size)
        for (const [rows, of] of [
          [presence.pages(), 'path'],
          [presence.sources(), 'source'],
          [presence.countries(), 'country'],
          [presence.devices(), 'device'],
        ] as const) {
          const counts = model.tally(of)
          for (const { name, count, rest } of rows) if (!rest) expect(count).toBe(counts[name])
          expect(rows.reduce((sum, row) => sum + row.count, 0)).toBe(presence.count())
        }
      }
    }),
    { numRuns: 300 },
  )
})

describe('the bytes', () => {
  function restart(bytes: Uint8Array) {
    const { presence, pages } = setUp()
    const reader = createByteReader(bytes)
    presence.read(reader)
    expect(reader.isAtEnd).toBe(true)
    return { presence, pages }
  }

  function bytesOf({ write }: Pick<ReturnType<typeof setUp>['presence'], 'write'>): Uint8Array {
    const writer = createByteWriter()
    runToCompletion(write(writer))
    return writer.finish()
  }

  it('have everyone, where they are and until when', () => {
    const { presence } = setUp()
    presence.update('gone', on('/gone'), start - 1)
    presence.update('a', on('/', { source: 'x.example', country: 'FR', device: 'mobile' }), start)
    presence.update('b', on('/b', { source: 'x.example' }), start + 1)
    presence.update('gone', on('/'), start + 2)
    presence.update('c', on('/b'), start + 3)
    presence.leave('b', '/b', start + 4)
    const bytes = bytesOf(presence)
    const again = restart(bytes)
    expect(bytesOf(again.presence)).toEqual(bytes)
    for (const list of ['pages', 'sources', 'countries', 'devices'] as const) {
      expect(again.presence[list]()).toEqual(presence[list]())
    }
    again.presence.advance(start + 4 + graceMs)
    expect(again.presence.count()).toBe(3)
    again.presence.advance(start + activeMs)
    expect(again.pages()).toEqual([
      ['/', 1],
      ['/b', 1],
    ])
  })

  it('are of when they were asked for, whatever comes while they are written', () => {
    const { presence } = setUp()
    for (let visitor = 0; visitor < 100; visitor++) {
      presence.update(`visitor ${visitor}`, on(`/${visitor}`), start)
    }
    presence.leave('visitor 70', '/70', start)
    const bytes = bytesOf(presence)
    const writer = createByteWriter()
    const steps = presence.write(writer)
    expect(steps.next().done).toBe(false)
    presence.update('visitor 80', on('/moved'), start + 1)
    presence.update('new', on('/new'), start + 2)
    presence.advance(start + graceMs)
    runToCompletion(steps)
    expect(writer.finish()).toEqual(bytes)
    expect(bytesOf(presence)).not.toEqual(bytes)
  })

  it('are few, and so is what they take in memory', () => {
    const { presence } = setUp()
    for (let visitor = 0; visitor < 100_000; visitor++) {
      presence.update(`visitor ${visitor}`, on(`/${visitor % 100}`), start)
    }
    expect(bytesOf(presence).length / 100_000).toBeLessThan(24)
    expect(presence.bytes() / 100_000).toBeLessThan(70)
  })
})
