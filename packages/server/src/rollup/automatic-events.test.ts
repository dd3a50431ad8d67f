import { eventNames, isAutomatic, isMeasurement } from '@tidemark/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runToCompletion } from '../shared/cooperative-task.ts'
import { decodeBreakdown, defaultBucketBounds } from './bucket/parts.ts'
import type { SiteEvent } from './event.ts'
import { type SiteState, createSiteState } from './site.ts'
import {
  batch,
  event,
  events,
  hourMs,
  minuteMs,
  minuteOf,
  minutesOf,
  readAll,
  start,
} from './testing/site-state.ts'

const names = Object.values(eventNames).filter(isAutomatic)
const unrelated = names.filter(name => name !== eventNames.engagement)
const inFeed = ['outbound', 'download']

/** Events that the tracker sends by itself, of the visitors of `events`. Engagement continues sessions. */
const automaticEvents = events.map(each => ({
  ...each,
  name: unrelated[(each.n ?? 0) % unrelated.length] ?? '',
  sender: { ...each.sender, client: `automatic ${each.sender.client}` },
}))

/** The figures that only people change. */
function readByPeople(state: SiteState) {
  const { currentVisitors, activePages, pageVisitors, referrers, countries, devices, pageViews } =
    readAll(state)
  return {
    ...{ currentVisitors, activePages, pageVisitors, referrers, countries, devices, pageViews },
    feed: state
      .recentEvents()
      .filter(({ name }) => !isAutomatic(name))
      .map(({ name, path, timestamp }) => [name, path, timestamp]),
    sessions: minutesOf(state, 0, 9e15)
      .filter(({ sessions }) => sessions > 0)
      .map(({ at, sessions, bounces, pageViews: views }) => [at, sessions, bounces, views]),
  }
}

function apply(...all: SiteEvent[]): SiteState {
  const state = createSiteState()
  state.apply(batch(1, all))
  return state
}

describe('SiteState: automatic events', () => {
  it('anywhere between other events change no session, bounce, page view or active visitor', () => {
    const mixed = fc.array(
      fc.oneof(
        events.map(each => ({ each, isAuto: false })),
        automaticEvents.map(each => ({ each, isAuto: true })),
      ),
      { maxLength: 20 },
    )
    fc.assert(
      fc.property(mixed, all => {
        const [withAutomatic, without] = [createSiteState(), createSiteState()]
        for (const [index, { each, isAuto }] of all.entries()) {
          withAutomatic.apply(batch(index + 1, [each]))
          if (!isAuto) without.apply(batch(index + 1, [each]))
        }
        expect(readByPeople(withAutomatic)).toEqual(readByPeople(without))
      }),
    )
  })

  it.each(names)('named %s count in the totals of their minute, by name and as a value', name => {
    const at = start - 47 * hourMs
    const state = apply(
      event({ name, at, value: 1500 }),
      event({ name, at, value: 500, visitor: 'b' }),
    )
    expect(minuteOf(state, at)).toMatchObject({
      ...{ events: 2, pageViews: 0, visitors: 2, sessions: 0, bounces: 0 },
    })
    const [byName] = runToCompletion(state.history.tiers.read('minute', 'name', 0, 9e15))
    const bytes = byName?.bytes ?? new Uint8Array()
    const { rows } = runToCompletion(decodeBreakdown(bytes, defaultBucketBounds))
    expect([...rows].map(([key, { count }]) => [key, count])).toEqual([[name, 2]])
    const values = apply(event({ name, value: 1500 }), event({ name, value: 500 }))
    values.advance(start + 1000)
    expect(values.values()).toMatchObject([{ name, '1m': { count: 2, sum: 2000 } }])
  })

  it.each(names)('named %s leave a visit of one page view a bounce', name => {
    const state = apply(event(), event({ name, at: start + 1 }), event({ name, at: start - 1 }))
    expect(minuteOf(state, start)).toMatchObject({ sessions: 1, bounces: 1 })
  })

  it.each(names)('named %s neither start a presence, nor prolong it, nor move it', name => {
    const state = apply(event({ name, path: '/b', visitor: 'b' }))
    expect(state.currentVisitors()).toBe(0)
    state.apply(batch(2, [event({ path: '/a' }), event({ name, path: '/b' })]))
    expect(state.activePages()).toEqual([{ path: '/a', visitors: 1 }])
    const soon = start + 4 * minuteMs
    state.apply(batch(3, [event({ name, path: '/a', at: soon })], soon))
    state.advance(start + 5 * minuteMs)
    expect(state.currentVisitors()).toBe(0)
  })

  it.each(names)('named %s keep a visitor who has left away', name => {
    const state = apply(event({ path: '/a' }))
    state.applySignal(event({ name: 'leave', path: '/a' }), start)
    state.apply(batch(2, [event({ name, path: '/a' })]))
    state.advance(start + 10_000)
    expect(state.currentVisitors()).toBe(0)
  })

  it('are in the feed only if they are outbound links and downloads', () => {
    const state = apply(...names.map(name => event({ name, goals: ['Any'] })))
    expect(state.recentEvents().map(({ name }) => name)).toEqual(inFeed.toReversed())
    expect(state.goals(5)).toMatchObject([{ goal: 'Any', count: names.length }])
  })

  it('are in the list of events, but measurements are not', () => {
    const state = apply(event(), ...names.map(name => event({ name })))
    const listed = ['page_view', ...names.filter(name => !isMeasurement(name))].toSorted()
    expect(state.events(5)).toEqual(listed.map(name => ({ name, count: 1 })))
    expect(state.secondSeries()).toMatchObject([{ events: 1 + names.length, pageViews: 1 }])
  })

  it('that are measurements keep the series and values moving, also after a restart', () => {
    const before = apply(event({ name: 'engagement', value: 7 }))
    const { state: bytes, segments } = runToCompletion(before.capture())
    for (const state of [before, createSiteState({ stored: { state: bytes, segments } })]) {
      expect(state.events(60)).toEqual([])
      state.advance(start + hourMs - 1)
      expect(state.isIdle()).toBe(false)
      state.advance(start + hourMs)
      expect(state.isIdle()).toBe(true)
    }
  })

  it('that are measurements do not change the array of the list of events', () => {
    const state = apply(event())
    const rows = state.events(5)
    state.apply(batch(2, [event({ name: 'engagement', value: 7 })]))
    expect(state.events(5)).toBe(rows)
  })
})
