import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RollupBounds, type OverflowCounts, defaultBounds } from '../bounds.ts'
import { createByteReader, createByteWriter } from '../../shared/bytes.ts'
import { type PresenceField, presenceFieldNames } from './presence-fields.ts'
import { createPresence } from './presence.ts'
import { hash64 } from '../sketch/hash.ts'
import { runToCompletion } from '../../shared/cooperative-task.ts'

const activeMs = defaultBounds.activeMs
const graceMs = defaultBounds.leaveGraceMs
const start = 1_700_000_000_000

/** New names by field; an undefined field keeps its current name. */
type Names = { readonly [Field in PresenceField]?: string | undefined }

function setUp(bounds: Partial<RollupBounds> = {}) {
  const overflow: OverflowCounts = new Map()
  const inner = createPresence({ ...defaultBounds, ...bounds }, overflow)
  const presence = {
    ...inner,
    update(id: string, names: Names, now: number) {
      const update = presenceFieldNames.map(field => names[field])
      inner.update(hash64(id), update, now)
    },
    leave: (id: string, path: string | undefined, now: number) =>
      inner.leave(hash64(id), path, now),
  }
  const pages = () => presence.top('path').map(({ name, count }) => [name, count])
  return { presence, overflow, pages }
}

function on(path: string | undefined, more: Names = {}): Names {
  return { path, ...more }
}

describe('Presence: visitors', () => {
  it('are active until exactly the active time after the last update', () => {
    const { presence } = setUp()
    presence.update('a', on('/'), start)
    presence.advance(start + activeMs - 1)
    expect(presence.count()).toBe(1)
    presence.advance(start + activeMs)
    expect(presence.count()).toBe(0)
    expect(presence.top('path')).toEqual([])
  })

  it('stay active while updates arrive', () => {
    const { presence } = setUp()
    for (let beat = 0; beat < 10; beat++) {
      presence.advance(start + beat * (activeMs - 1))
      presence.update('a', on('/'), start + beat * (activeMs - 1))
    }
    expect(presence.count()).toBe(1)
  })

  it('expire independently of later or updated visitors', () => {
    const { presence } = setUp()
    presence.update('again', on('/'), start)
    presence.update('once', on('/'), start + 1)
    presence.update('again', on('/'), start + 2)
    presence.update('late', on('/'), start + 3)
    presence.advance(start + activeMs + 1)
    expect(presence.count()).toBe(2)
  })

  it('count for one page, the latest, even with several tabs', () => {
    const { presence, pages } = setUp()
    presence.update('a', on('/first'), start)
    presence.update('a', on('/second'), start + 1)
    expect(presence.count()).toBe(1)
    expect(pages()).toEqual([['/second', 1]])
    presence.update('a', on('/first'), start + 2)
    expect(pages()).toEqual([['/first', 1]])
  })

  it('count for `(none)` until an update has a path, and keep their page when an update has none', () => {
    const { presence, pages } = setUp()
    presence.update('a', on(undefined), start)
    expect(pages()).toEqual([['(none)', 1]])
    presence.update('a', on('/'), start)
    presence.update('a', on(undefined), start)
    expect(pages()).toEqual([['/', 1]])
  })

  it('keep source, country and device when a later update omits them', () => {
    const { presence } = setUp()
    const known = { source: 'news.example', country: 'FR', device: 'mobile' }
    presence.update('a', on('/', known), start)
    presence.update('a', on('/b'), start)
    expect(presence.top('source')).toEqual([{ name: 'news.example', count: 1, rest: false }])
    expect(presence.top('country')).toEqual([{ name: 'FR', count: 1, rest: false }])
    expect(presence.top('device')).toEqual([{ name: 'mobile', count: 1, rest: false }])
  })

  it('without known fields count with an unknown source, an unknown country and another device', () => {
    const { presence } = setUp()
    presence.update('a', on('/'), start)
    expect(presence.top('source')[0]?.name).toBe('(unknown)')
    expect(presence.top('country')[0]?.name).toBe('(unknown)')
    expect(presence.top('device')[0]?.name).toBe('other')
  })

  it('keep their source when a direct return follows, and lose only an unknown one', () => {
    const { presence } = setUp()
    presence.update('a', on('/', { source: 'news.example' }), start)
    presence.update('a', on('/', { source: '(direct)' }), start)
    presence.update('b', on('/'), start)
    presence.update('b', on('/', { source: '(direct)' }), start)
    presence.update('c', on('/', { source: '(direct)' }), start)
    presence.update('c', on('/', { source: 'x.example' }), start)
    const sources = presence.top('source').map(({ name }) => name)
    expect(sources).toEqual(['(direct)', 'news.example', 'x.example'])
  })

  it.each(['__proto__', 'constructor', 'toString'])('may have the id %s', id => {
    const { presence } = setUp()
    presence.update(id, on(id, { source: id }), start)
    presence.update(id, on(id, { source: id }), start)
    expect(presence.count()).toBe(1)
    expect(presence.top('path')).toEqual([{ name: id, count: 1, rest: false }])
    presence.advance(start + activeMs)
    expect(presence.count()).toBe(0)
  })
})

describe('Presence: leave', () => {
  it('ends a visit exactly after the grace time', () => {
    const { presence } = setUp()
    presence.update('a', on('/'), start)
    presence.leave('a', '/', start + 5)
    presence.advance(start + 5 + graceMs - 1)
    expect(presence.count()).toBe(1)
    presence.advance(start + 5 + graceMs)
    expect(presence.count()).toBe(0)
  })

  it('is ignored for a page that is not the current one, as another tab may be open', () => {
    const { presence } = setUp()
    presence.update('a', on('/first'), start)
    presence.update('a', on('/second'), start)
    presence.leave('a', '/first', start)
    presence.advance(start + graceMs)
    expect(presence.count()).toBe(1)
  })

  it('is canceled by an update within the grace time', () => {
    const { presence } = setUp()
    presence.update('a', on('/first'), start)
    presence.leave('a', '/first', start)
    presence.update('a', on('/second'), start + graceMs - 1)
    presence.advance(start + graceMs)
    expect(presence.count()).toBe(1)
    presence.advance(start + graceMs - 1 + activeMs)
    expect(presence.count()).toBe(0)
  })

  it('without a page ends a visit without a page', () => {
    const { presence } = setUp()
    presence.update('a', on(undefined), start)
    presence.leave('a', undefined, start)
    presence.advance(start + graceMs)
    expect(presence.count()).toBe(0)
  })

  it('restarts the grace time when repeated, and does not delay other visitors', () => {
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

  it('is ignored for an unknown visitor', () => {
    const { presence } = setUp()
    presence.leave('a', undefined, start)
    presence.advance(start + graceMs)
    expect(presence.count()).toBe(0)
  })

  it('does not end a later visit of the same visitor', () => {
    const { presence } = setUp({ leaveGraceMs: activeMs * 2 })
    presence.update('a', on('/'), start)
    presence.leave('a', '/', start)
    presence.advance(start + activeMs)
    presence.update('a', on('/'), start + activeMs + 1)
    presence.advance(start + activeMs * 2)
    expect(presence.count()).toBe(1)
  })
})

describe('Presence: maxActiveVisitors', () => {
  it('rejects and counts new visitors beyond the bound, and still updates active ones', () => {
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

const modelFields = ['path', 'source', 'country', 'device'] as const

interface Known extends Record<(typeof modelFields)[number], string> {
  endsAt: number
  leavesAt: number
}

/** A simple model of presence, without optimizations. */
function createModel() {
  const visitors = new Map<string, Known>()
  return {
    visitors,
    update(id: string, names: Names, now: number) {
      const before = visitors.get(id)
      const knownSource = before?.source === '(unknown)' ? undefined : before?.source
      visitors.set(id, {
        path: names.path ?? before?.path ?? '(none)',
        source:
          (names.source === '(direct)' && knownSource) ||
          (names.source ?? before?.source ?? '(unknown)'),
        country: names.country ?? before?.country ?? '(unknown)',
        device: names.device ?? before?.device ?? 'other',
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
    tally(of: (typeof modelFields)[number]) {
      const counts: Record<string, number> = Object.create(null) as Record<string, number>
      for (const visitor of visitors.values()) counts[visitor[of]] = (counts[visitor[of]] ?? 0) + 1
      return counts
    },
  }
}

it('Presence: agrees with a simple model, and every list adds up to the count', () => {
  const some = <T>(...values: T[]) => fc.constantFrom(...values)
  const ids = some('a', 'b', 'c', '__proto__')
  const paths = some('/', '/a', '/b', undefined)
  const updates: fc.Arbitrary<Names> = fc.record({
    path: paths,
    source: some('x.example', '(direct)', undefined),
    country: some('FR', 'DE', undefined),
    device: some('desktop', 'mobile', undefined),
  })
  const steps = fc.array(
    fc.record({
      afterMs: some(0, 1, graceMs - 1, graceMs, activeMs / 2, activeMs - 1, activeMs, activeMs * 3),
      action: fc.oneof(
        fc.record({ id: ids, update: updates }),
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
      for (const { afterMs, action } of all) {
        now += afterMs
        for (const each of [presence, model]) {
          each.advance(now)
          if (action && 'update' in action) each.update(action.id, action.update, now)
          else if (action) each.leave(action.id, action.leaves, now)
        }
        expect(presence.count()).toBe(model.visitors.size)
        for (const field of modelFields) {
          const rows = presence.top(field)
          const counts = model.tally(field)
          for (const { name, count, rest } of rows) if (!rest) expect(count).toBe(counts[name])
          expect(rows.reduce((sum, row) => sum + row.count, 0)).toBe(presence.count())
        }
      }
    }),
    { numRuns: 300 },
  )
})

describe('Presence: bytes', () => {
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

  it('restore all visitors with their names and end times', () => {
    const { presence } = setUp()
    presence.update('moved', on('/old'), start - 1)
    presence.update('a', on('/', { source: 'x.example', country: 'FR', device: 'mobile' }), start)
    presence.update('b', on('/b', { source: 'x.example' }), start + 1)
    presence.update('moved', on('/'), start + 2)
    presence.update('c', on('/b'), start + 3)
    presence.leave('b', '/b', start + 4)
    const bytes = bytesOf(presence)
    const again = restart(bytes)
    expect(bytesOf(again.presence)).toEqual(bytes)
    for (const field of presenceFieldNames) {
      expect(again.presence.top(field)).toEqual(presence.top(field))
    }
    again.presence.advance(start + 4 + graceMs)
    expect(again.presence.count()).toBe(3)
    again.presence.advance(start + activeMs)
    expect(again.pages()).toEqual([
      ['/', 1],
      ['/b', 1],
    ])
  })

  it('contain the visitors at the time of the call, not changes during the steps', () => {
    const { presence } = setUp()
    for (let visitor = 0; visitor < 100; visitor++) {
      presence.update(`visitor ${visitor}`, on(`/${visitor}`), start)
    }
    presence.leave('visitor 70', '/70', start)
    const bytes = bytesOf(presence)
    const writer = createByteWriter()
    const task = presence.write(writer)
    expect(task.next().done).toBe(false)
    presence.update('visitor 80', on('/moved'), start + 1)
    presence.update('new', on('/new'), start + 2)
    presence.advance(start + graceMs)
    runToCompletion(task)
    expect(writer.finish()).toEqual(bytes)
    expect(bytesOf(presence)).not.toEqual(bytes)
  })

  it('take less than 24 bytes per visitor, and less than 70 bytes of memory', () => {
    const { presence } = setUp()
    for (let visitor = 0; visitor < 100_000; visitor++) {
      presence.update(`visitor ${visitor}`, on(`/${visitor % 100}`), start)
    }
    expect(bytesOf(presence).length / 100_000).toBeLessThan(24)
    expect(presence.memoryBytes() / 100_000).toBeLessThan(70)
  })
})
