import { describe, expect, it } from 'vitest'
import { accept, intercept, refuse } from './testing/fake-world.ts'
import { byteLength } from './sender.ts'
import { createSenderParts } from './testing/sender-parts.ts'
import { numbersOf } from './testing/start.ts'

const all = (length: number, result: string): string[] => Array.from({ length }, () => result)

it('Sender: measures events in UTF-8', () => {
  expect(byteLength('aé😀')).toBe(7)
})

describe('Sender: decisions', () => {
  it('report rejected events and do not send them again', async () => {
    const { world, add, results } = createSenderParts()
    world.answer = () => accept([{ index: 1, code: 'too_old' }])
    add(3)
    await world.pass(60_000)
    expect(numbersOf(world)).toEqual([[1, 2, 3]])
    expect(results).toEqual(['accepted', 'rejected', 'accepted'])
  })

  it.each([400, 401, 403, 404, 422])(
    'drop and count a batch after %i by the server',
    async status => {
      const { world, add, results } = createSenderParts()
      world.answer = () => refuse(status)
      add(2)
      await world.pass(60_000)
      expect(numbersOf(world)).toEqual([[1, 2]])
      expect(results).toEqual(['dropped', 'dropped'])
    },
  )
})

describe('Sender: 413', () => {
  it('splits a batch until its parts fit', async () => {
    const { world, add, results } = createSenderParts()
    world.answer = ({ batch }) => (batch.events.length > 3 ? refuse(413) : accept())
    add(10, 1000)
    await world.pass(60_000)
    expect(results).toEqual(all(10, 'accepted'))
    expect([...new Set(world.events().map(({ n }) => n))]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(world.received.length).toBeLessThanOrEqual(12)
  })

  it.each([
    ['by the server', () => refuse(413)],
    ['by a proxy', () => intercept(413)],
    ['by a proxy without CORS headers', () => new TypeError('Failed to fetch')],
  ])('is met a bounded number of times for a limit of 10 kB: %s', async (_, tooLarge) => {
    const { world, add, results } = createSenderParts()
    world.answer = ({ bytes }) => (bytes > 10_000 ? tooLarge() : accept())
    add(300, 900)
    await world.pass(1_800_000)
    expect(results).toEqual(all(300, 'accepted'))
    const refused = world.received.filter(({ bytes }) => bytes > 10_000)
    // A refusal without a status may have another cause, so that the size grows again.
    expect(refused.length).toBeLessThanOrEqual(tooLarge() instanceof Error ? 12 : 2)
    expect(world.received.length - refused.length).toBeLessThanOrEqual(60)
  })

  it.each([
    ['by the server', () => refuse(413)],
    ['by a proxy', () => intercept(413)],
    ['by a proxy without CORS headers', () => new TypeError('Failed to fetch')],
  ])('for one event does not hold up the others: %s', async (_, tooLarge) => {
    const { world, add, results } = createSenderParts()
    world.answer = ({ batch }) => (batch.events.some(({ n }) => n === 4) ? tooLarge() : accept())
    add(8, 500)
    await world.pass(900_000)
    expect(results.filter(result => result === 'accepted')).toHaveLength(7)
  })

  it('drops a single event that the server finds too large', async () => {
    const { world, add, results, waiting } = createSenderParts()
    world.answer = ({ batch }) => (batch.events.some(({ n }) => n === 4) ? refuse(413) : accept())
    add(8)
    await world.pass(60_000)
    expect(results.filter(result => result === 'dropped')).toHaveLength(1)
    expect(waiting()).toBe(0)
  })

  it('stops when the server answers every request with it', async () => {
    const { world, add, results } = createSenderParts()
    world.answer = () => refuse(413)
    add(5)
    await world.pass(60_000)
    expect(results).toEqual(all(5, 'dropped'))
    expect(world.received.length).toBeLessThan(20)
  })
})
