import { describe, expect, it } from 'vitest'
import { isShopPath } from '../../shop/routes.ts'
import { createRandom } from '../testing/random.ts'
import { planVisit } from './visit.ts'
import type { VisitStep } from './visit-step.ts'

const visits = Array.from({ length: 500 }, (_, seed) => [...planVisit(createRandom(seed))])

function names(visit: readonly VisitStep[]): string[] {
  return visit.map(({ name }) => name)
}

describe('planVisit', () => {
  it('plans the same visit for the same random numbers', () => {
    expect([...planVisit(createRandom(7))]).toEqual(visits[7])
  })

  it('starts with a page view, and uses only paths and titles of the shop', () => {
    for (const visit of visits) {
      expect(visit[0]?.name).toBe('page_view')
      for (const { name, path, title } of visit) {
        expect(isShopPath(path)).toBe(name !== 'not_found')
        expect(title).toContain('Slackwater')
      }
    }
  })

  it('marks every event as simulated', () => {
    for (const step of visits.flat()) expect(step.properties).toMatchObject({ simulated: true })
  })

  it('sets a referrer only on the first page view', () => {
    expect(visits.some(([first]) => first?.referrer !== '')).toBe(true)
    for (const [, ...rest] of visits) {
      for (const { name, referrer } of rest) {
        expect(referrer, name).toBeUndefined()
      }
    }
  })

  it('sends response times, and downloads and outbound clicks on product pages', () => {
    const steps = visits.flat()
    const times = steps.filter(({ name }) => name === 'response_time')
    expect(times.length).toBeGreaterThan(200)
    for (const { value } of times) {
      expect(value).toBeGreaterThanOrEqual(60)
      expect(value).toBeLessThan(900)
    }
    for (const clicked of ['download', 'outbound']) {
      const clicks = steps.filter(({ name }) => name === clicked)
      expect(clicks.length).toBeGreaterThan(10)
      for (const { path } of clicks) expect(path).toMatch(/^\/p\//)
    }
  })

  it('searches, subscribes and follows old links on other pages, and arrives by campaigns', () => {
    const steps = visits.flat()
    for (const name of ['site_search', 'form_submit', 'not_found']) {
      const found = steps.filter(step => step.name === name)
      expect(found.length, name).toBeGreaterThan(5)
    }
    expect(visits.filter(([first]) => first?.query).length).toBeGreaterThan(20)
    const later = visits.flatMap(visit => visit.slice(1))
    expect(later.filter(({ query }) => query !== undefined)).toEqual([])
  })

  it('orders only the product in the cart, at its price, in the checkout', () => {
    const buyers = visits.filter(visit => names(visit).includes('purchase'))
    expect(buyers.length).toBeGreaterThan(20)
    for (const visit of buyers) {
      const added = visit.find(({ name }) => name === 'add_to_cart')
      const bought = visit.find(({ name }) => name === 'purchase')
      expect(added?.value).toBeGreaterThan(0)
      expect(bought?.value).toBe(added?.value)
      expect(bought?.path).toBe('/checkout')
      expect(visit.at(-1)?.path).toBe('/checkout/thanks')
    }
  })

  it('plans visits of 1 to 59 events', () => {
    const lengths = visits.map(visit => visit.length)
    expect(Math.min(...lengths)).toBe(1)
    expect(Math.max(...lengths)).toBeLessThan(60)
  })

  it('pauses for 3 to 60 seconds after each event', () => {
    for (const { pauseMs } of visits.flat()) {
      expect(pauseMs).toBeGreaterThanOrEqual(3000)
      expect(pauseMs).toBeLessThanOrEqual(60_000)
    }
  })
})
