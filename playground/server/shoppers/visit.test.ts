import { describe, expect, it } from 'vitest'
import { isShopPath } from '../../shop/routes.ts'
import { createRandom } from '../testing/random.ts'
import { type Step, planVisit } from './visit.ts'

const visits = Array.from({ length: 500 }, (_, seed) => [...planVisit(createRandom(seed))])

function names(visit: readonly Step[]): string[] {
  return visit.map(({ name }) => name)
}

describe('a planned visit', () => {
  it('is the same for the same random numbers', () => {
    expect([...planVisit(createRandom(7))]).toEqual(visits[7])
  })

  it('begins with a view, and is on pages that the shop has, with their titles', () => {
    for (const visit of visits) {
      expect(visit[0]?.name).toBe('page_view')
      for (const { path, title } of visit) {
        expect(isShopPath(path)).toBe(true)
        expect(title).toContain('Slackwater')
      }
    }
  })

  it('says of everything in it that it is simulated', () => {
    for (const step of visits.flat()) expect(step.properties).toMatchObject({ simulated: true })
  })

  it('names what led here with its first view alone', () => {
    expect(visits.some(([first]) => first?.referrer !== '')).toBe(true)
    for (const [, ...rest] of visits) {
      for (const { name, referrer } of rest) {
        expect(referrer).toBe(name === 'page_view' ? '' : undefined)
      }
    }
  })

  it('buys only what was put into the basket, after the checkout, for its price', () => {
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

  it('is a glance for some, and ends for all', () => {
    const lengths = visits.map(visit => visit.length)
    expect(Math.min(...lengths)).toBe(1)
    expect(Math.max(...lengths)).toBeLessThan(60)
  })

  it('has a rhythm that people have', () => {
    for (const { thenMs } of visits.flat()) {
      expect(thenMs).toBeGreaterThanOrEqual(3000)
      expect(thenMs).toBeLessThanOrEqual(60_000)
    }
  })
})
