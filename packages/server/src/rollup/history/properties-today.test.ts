import type { EventProperty, PropertyValueRow } from '@tidemark/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createByteReader } from '../../shared/bytes.ts'
import { runToCompletion } from '../../shared/cooperative-task.ts'
import { defaultBounds } from '../bounds.ts'
import { createProperties } from '../bucket/properties.ts'
import { toPropertyRows } from '../bucket/property-rows.ts'
import { type SiteState, type SiteStateOptions, createSiteState } from '../site.ts'
import { batch, event, hourMs, minuteMs } from '../testing/site-state.ts'
import type { EncodedPart } from './open-buckets.ts'
import { type TimeZone, createTimeZone } from './time-zone.ts'
import type { Tier } from './tier.ts'

const plan: EventProperty = { event: 'purchase', property: 'plan' }
const noon = Date.UTC(2026, 2, 10, 12)

/** A site with stored buckets. */
interface World {
  readonly state: SiteState
  readonly zone: TimeZone
  /** Stores all events so far, as a checkpoint does. */
  store(): void
}

function createWorld(options: SiteStateOptions = {}): World {
  const { zone = createTimeZone() } = options
  const stored = new Map<string, EncodedPart & { tier: Tier }>()
  const state = createSiteState({
    ...options,
    zone,
    readStored: (tier, part, from, to, limit) =>
      [...stored.values()]
        .filter(each => each.tier === tier && each.part === part)
        .filter(({ start }) => start >= from && start < to)
        .toSorted((a, b) => a.start - b.start)
        .slice(0, limit),
  })
  return {
    state,
    zone,
    store() {
      const capture = runToCompletion(state.capture())
      for (const part of capture.parts) stored.set(`${part.tier} ${part.part} ${part.start}`, part)
      capture.markStored()
    },
  }
}

/** Returns the live rows of a watched property. */
function rowsOf({ state }: World, property: EventProperty = plan): PropertyValueRow[] | undefined {
  const table = state.propertiesToday.read(property)?.table
  return table && toPropertyRows(table, 50, 0)
}

/** Returns the rows of `GET metrics?by=property` from the start of today. */
function historyOf({ state, zone }: World, { event: name, property } = plan): PropertyValueRow[] {
  const [from, to] = [zone.startOfDay(state.time), zone.endOfDay(state.time)]
  const parts = state.history.tiers.eachOfRange('hour', 'properties', { from, to }, () => 0)
  const all = createProperties(200)
  for (const { bytes } of parts) runToCompletion(all.merge(createByteReader(bytes)))
  const table = all.tables.get(name)?.get(property)
  return table ? toPropertyRows(table, 50, 0) : []
}

let offset = 0
function send({ state }: World, fields: Parameters<typeof event>[0], now = state.time): void {
  state.apply(batch(++offset, [event({ name: 'purchase', at: now, ...fields })], now))
}

const step = fc.record({
  do: fc.constantFrom('send', 'send', 'send', 'store', 'watch', 'unwatch'),
  afterMs: fc.constantFrom(0, 1000, 20 * minuteMs, 3 * hourMs, 13 * hourMs),
  lateMs: fc.constantFrom(0, 0, 0, minuteMs, 5 * hourMs),
  visitor: fc.constantFrom('a', 'b', 'c'),
  text: fc.constantFrom('pro', 'free', '__proto__', ''),
  value: fc.constantFrom(undefined, 1, 0.1, -3),
  name: fc.constantFrom('purchase', 'purchase', 'page_view'),
})

describe('PropertiesToday', () => {
  it('have the rows of history after any events, checkpoints, hours and days', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40 }),
        fc.constantFrom('UTC', 'Asia/Kathmandu', 'America/St_Johns'),
        (steps, zone) => {
          const world = createWorld({ zone: createTimeZone(zone) })
          const today = world.state.propertiesToday
          world.state.advance(noon)
          runToCompletion(today.watch([plan]))
          for (const each of steps) {
            const now = world.state.time + each.afterMs
            world.state.advance(now)
            const { visitor, text, value, name } = each
            if (each.do === 'store') world.store()
            else if (each.do === 'unwatch') today.unwatch(plan)
            else if (each.do === 'watch') runToCompletion(today.watch([plan]))
            else {
              const fields = { visitor, value, name, properties: ['plan', text, 'size', 'x'] }
              send(world, { ...fields, at: now - each.lateMs }, now)
            }
            expect(rowsOf(world) ?? historyOf(world)).toEqual(historyOf(world))
          }
        },
      ),
      { numRuns: 80 },
    )
  })

  it('count events that arrive while history is read, once', () => {
    const world = createWorld()
    world.state.advance(noon)
    send(world, { properties: ['plan', 'pro'] }, noon - 2 * hourMs)
    world.store()
    send(world, { properties: ['plan', 'pro'] })
    const load = world.state.propertiesToday.watch([plan])
    load.next()
    send(world, { visitor: 'b', properties: ['plan', 'free'], value: 7 })
    world.store()
    expect(rowsOf(world)).toBeUndefined()
    runToCompletion(load)
    expect(rowsOf(world)).toMatchObject([
      { property: 'pro', events: 2, visitors: 1 },
      { property: 'free', events: 1, visitors: 1, sum: 7 },
    ])
    expect(rowsOf(world)).toEqual(historyOf(world))
  })

  it('begin anew at midnight, also while history is read', () => {
    const world = createWorld()
    world.state.advance(noon)
    send(world, { properties: ['plan', 'pro'] })
    const load = world.state.propertiesToday.watch([plan])
    expect(world.state.propertiesToday.endsAt).toBe(noon + 12 * hourMs)
    world.state.advance(noon + 12 * hourMs)
    expect(rowsOf(world)).toEqual([])
    runToCompletion(load)
    expect(rowsOf(world)).toEqual([])
    send(world, { at: noon, properties: ['plan', 'late'] })
    expect(rowsOf(world)).toEqual([])
    send(world, { properties: ['plan', 'new'] })
    expect(rowsOf(world)).toMatchObject([{ property: 'new', events: 1 }])
  })

  it('have an exact sum beyond their bounds', () => {
    const world = createWorld()
    world.state.advance(noon)
    const load = world.state.propertiesToday.watch([plan])
    runToCompletion(load)
    for (let index = 0; index < 500; index++) {
      send(world, { visitor: `v${index % 7}`, properties: ['plan', `${index % 300}`] })
    }
    const sum = (rows: PropertyValueRow[] = []) => rows.reduce((all, row) => all + row.events, 0)
    expect(sum(rowsOf(world))).toBe(500)
    expect(rowsOf(world)).toHaveLength(51)
    expect(rowsOf(world)?.at(-1)).toMatchObject({ property: '(other)', visitors: 7, rest: true })
    expect(sum(historyOf(world))).toBe(500)
  })

  it('count no property for which history has no room', () => {
    const world = createWorld({ bounds: { ...defaultBounds, maxProperties: 1 } })
    world.state.advance(noon)
    const size = { event: 'purchase', property: 'size' }
    runToCompletion(world.state.propertiesToday.watch([plan, size]))
    send(world, { properties: ['plan', 'pro', 'size', 'L'] })
    expect([rowsOf(world)?.length, rowsOf(world, size)]).toEqual([1, []])
  })

  it('count names like those of an object, and no property that nobody watches', () => {
    const world = createWorld()
    world.state.advance(noon)
    const odd = { event: '__proto__', property: 'constructor' }
    runToCompletion(world.state.propertiesToday.watch([odd]))
    send(world, { name: '__proto__', properties: ['constructor', 'toString'] })
    send(world, { name: 'constructor', properties: ['constructor', 'x'] })
    expect(rowsOf(world, odd)).toEqual([{ property: 'toString', events: 1, visitors: 1 }])
    expect(world.state.propertiesToday.read(plan)).toBeUndefined()
    world.state.propertiesToday.unwatch(odd)
    expect(world.state.propertiesToday.size).toBe(0)
  })
})
