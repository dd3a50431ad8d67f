// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { storedVisitor } from './stored-visitor.ts'
import { type FakeCapture, createFakeCapture } from './testing/fake-capture.ts'
import { type UrlRules, applyRules, urlRules } from './url-rules.ts'

let fake: FakeCapture

beforeEach(() => {
  location.href = 'https://shop.example/'
})

afterEach(() => fake.stop())

describe('URL rules', () => {
  it.each<[UrlRules, string, string]>([
    [{}, '/a?b=1#c', '/a?b=1#c'],
    [{ query: [] }, '/a?b=1&c=2#d', '/a#d'],
    [{ query: ['b'] }, '/a?b=1&c=2', '/a?b=1'],
    [{ query: ['b'] }, '/a?c=2&utm_source=x&b', '/a?utm_source=x&b'],
    [{ query: [] }, '/a?utm_source=x', '/a?utm_source=x'],
    [{ mask: ['/users/*'] }, '/users/42', '/users/*'],
    [{ mask: ['/users/*'] }, '/users/42/orders?x=1', '/users/*/orders?x=1'],
    [{ mask: ['/users/*/orders/*'] }, '/users/42/orders/7', '/users/*/orders/*'],
    [{ mask: ['/users/*/orders/*'] }, '/users/42', '/users/42'],
    [{ mask: ['/users/*'] }, '/user/42', '/user/42'],
    [{ mask: ['/users/*', '/*/settings'] }, '/42/settings', '/*/settings'],
    [{ mask: ['/*'] }, '/secret/a', '/*/a'],
  ])('%j: %s becomes %s', (rules, path, expected) => {
    fake = createFakeCapture()
    expect(applyRules(`https://shop.example${path}`, rules)).toBe(`https://shop.example${expected}`)
  })

  it('change the URL of all events, and a referrer of the same site', async () => {
    fake = createFakeCapture(urlRules({ query: [], mask: ['/users/*'] }))
    const url = 'https://shop.example/users/42?token=1'
    for (const name of ['page_view', 'heartbeat', 'leave', 'click'])
      expect(await fake.send({ name, url, referrer: url })).toMatchObject({
        url: 'https://shop.example/users/*',
        referrer: 'https://shop.example/users/*',
      })
    const referrer = 'https://search.example/?q=shop'
    expect(await fake.send({ url, referrer })).toMatchObject({ referrer })
  })

  it('leave events without a URL and a referrer unchanged', async () => {
    fake = createFakeCapture(urlRules({ query: [] }))
    expect(await fake.send({ url: undefined, referrer: '' })).toMatchObject({
      ...{ name: 'page_view', url: undefined, referrer: '' },
    })
  })
})

/** Sends an event. Returns its visitor id. */
async function visitorOf({ send }: FakeCapture): Promise<string | undefined> {
  const event = await send({})
  return event ? event.visitorId : undefined
}

describe('Stored visitor', () => {
  it('is the same for all events and pages, with the day on which it was first seen', async () => {
    fake = createFakeCapture(storedVisitor())
    const today = new Date().toISOString().slice(0, 10)
    const visitorId = await visitorOf(fake)
    expect(visitorId).toMatch(/^[\da-z]{10,64}$/)
    expect(await fake.send({ name: 'click' })).toMatchObject({ visitorId })
    expect(fake.facts).toEqual({ firstSeen: today })
    expect([...fake.stored]).toEqual([['visitor', `${visitorId} ${today}`]])
    const { stored } = fake
    fake.stop()
    fake = createFakeCapture(storedVisitor())
    stored.forEach((value, key) => fake.stored.set(key, value.replace(today, '2025-05-06')))
    expect(await visitorOf(fake)).toBe(visitorId)
    expect(fake.facts).toEqual({ firstSeen: '2025-05-06' })
  })

  it('does not exist while nothing may be stored', async () => {
    fake = createFakeCapture(storedVisitor())
    fake.isDurable = false
    expect(await fake.send({})).not.toHaveProperty('visitorId')
    expect(fake.facts).toEqual({})
    expect(fake.stored.size).toBe(0)
  })

  it('does not replace an id of the site', async () => {
    fake = createFakeCapture(storedVisitor())
    await fake.send({})
    expect(await fake.send({ visitorId: 'mine' })).toMatchObject({ visitorId: 'mine' })
    expect(fake.facts).toEqual({})
  })

  it('does not exist if the storage takes no value', async () => {
    fake = createFakeCapture(storedVisitor())
    fake.isFull = true
    expect(await fake.send({})).not.toHaveProperty('visitorId')
    expect(fake.facts).toEqual({})
  })

  it('is another one after it was erased, as by `reset`', async () => {
    fake = createFakeCapture(storedVisitor())
    const before = await visitorOf(fake)
    fake.stored.delete('visitor')
    const after = await visitorOf(fake)
    expect(after).toBeDefined()
    expect(after).not.toBe(before)
  })
})
