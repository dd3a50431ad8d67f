import { describe, expect, it } from 'vitest'
import { accept, refuse, keepaliveBudgetBytes } from './testing/fake-world.ts'
import { namesOf, quiet, start } from './testing/start.ts'

describe('Tracker: hidden and visible again', () => {
  it('sends waiting events when the page is hidden, and failed ones when it is visible', async () => {
    const { world, tab, tracker } = start()
    await world.pass(5000)
    world.takesBeacons = false
    tracker.track('a')
    world.answer = () => new Error('offline')
    tab.hide()
    expect(world.received).toHaveLength(2)
    await world.settle()
    world.answer = () => accept()
    tab.show()
    await world.settle()
    expect(tracker.counts).toEqual({ accepted: 2, rejected: 0, dropped: 0, waiting: 0 })
  })

  it('sends waiting events when the page is frozen', async () => {
    const { world, tab, tracker } = start()
    await world.pass(2000)
    tab.hide()
    tracker.track('song_ended')
    tab.freeze()
    tab.crash()
    expect(namesOf(world).at(-1)).toEqual(['song_ended'])
    expect(world.received.at(-1)?.method).toBe('keepalive')
  })

  it('retries immediately when the network is back', async () => {
    const { world, tab, tracker } = start()
    world.answer = () => new Error('offline')
    world.random = 0.999
    await world.pass(40_000)
    world.answer = () => accept()
    tab.goOnline()
    await world.settle()
    expect(tracker.counts.accepted).toBe(1)
  })
})

describe('Tracker: leaving', () => {
  it('sends the pending view, all events and `leave` in one request', () => {
    const { world, tab, tracker } = start()
    tracker.track('a')
    tab.push('/next')
    tab.close()
    expect(namesOf(world)).toEqual([['page_view', 'a', 'page_view', 'leave']])
  })

  it('uses a beacon if another script holds the keepalive budget', async () => {
    const { world, tab, tracker } = start(quiet)
    tracker.track('a')
    world.heldKeepaliveBytes = keepaliveBudgetBytes
    tab.leave()
    await world.settle()
    expect(world.received.map(({ method }) => method)).toEqual(['beacon'])
    expect(namesOf(world)).toEqual([['a', 'leave']])
  })

  it('uses a beacon during Retry-After, because the events would end with the page', async () => {
    const { world, tab, tracker } = start(quiet)
    world.answer = () => refuse(503, { 'Retry-After': '600' })
    tracker.track('a')
    await world.pass(1000)
    tab.leave()
    await world.settle()
    expect(world.received.map(({ method }) => method)).toEqual(['keepalive', 'beacon'])
    expect(namesOf(world).at(-1)).toContain('a')
  })

  it('respects Retry-After for events that are stored', async () => {
    const { world, tab, tracker } = start({ ...quiet, persist: true })
    world.answer = () => refuse(503, { 'Retry-After': '600' })
    tracker.track('a')
    await world.pass(1000)
    tab.leave()
    await world.settle()
    expect(world.received).toHaveLength(1)
    expect(world.storage.keys()).toHaveLength(1)
  })

  it('delivers as many of 1,000 events as the browser takes, and stores the others', async () => {
    const { world, tab, tracker } = start({ ...quiet, persist: true })
    for (let index = 0; index < 1000; index += 1) tracker.track('e', { text: 'x'.repeat(700) })
    tab.close()
    await world.settle()
    const sent = new Set(world.events().map(({ n }) => n))
    expect(sent.size).toBeGreaterThan(60)
    expect(world.storage.keys()).toHaveLength(1000)
    expect(tracker.counts.dropped).toBe(0)
  })
})
