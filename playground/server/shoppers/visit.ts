import { eventNames } from '@tidemark/protocol'
import { type Product, categories, products, productsIn } from '../../shop/catalog.ts'
import { paths, routeOf, titleOf } from '../../shop/routes.ts'
import { type Weighted, arrivals, pickWeighted } from './personas.ts'
import { addDetails } from './visit-details.ts'
import type { VisitStep } from './visit-step.ts'

/** How far a visit goes: one page, several pages, cart or checkout without an order, or an order. */
type Intent = 'glance' | 'browse' | 'hesitate' | 'buy'

const intents: readonly Weighted<Intent>[] = [
  { value: 'glance', weight: 24 },
  { value: 'browse', weight: 46 },
  { value: 'hesitate', weight: 14 },
  { value: 'buy', weight: 16 },
]

/** Products with their popularity. */
const weightedProducts: readonly Weighted<Product>[] = products.map((value, index) => ({
  value,
  weight: [9, 4, 5, 3, 6, 4, 2, 5, 7, 4, 3, 4][index] ?? 3,
}))

/** Bounds of the pause after a page view and after an action, in seconds. */
const viewSeconds = { min: 6, max: 60 } as const
const actionSeconds = { min: 3, max: 20 } as const

/**
 * Plans one visit to the shop, from the landing page to the last event. The same random numbers give the
 * same visit.
 */
export function planVisit(random: () => number): Generator<VisitStep, void, undefined> {
  return addDetails(planShopping(random), random)
}

/** Plans the page views of a visit, and the events of its order. */
function* planShopping(random: () => number): Generator<VisitStep, void, undefined> {
  const intent = pickWeighted(intents, random)
  const wanted = pickWeighted(weightedProducts, random)
  const { referrer, query } = pickWeighted(arrivals, random)

  const randomPauseMs = ({ min, max }: { min: number; max: number }): number =>
    // The square makes most pauses short and a few long.
    Math.round(1000 * (min + (max - min) * random() ** 2))
  const view = (path: string): VisitStep => ({
    name: eventNames.pageView,
    path,
    title: titleOf(routeOf(path)),
    properties: { simulated: true },
    pauseMs: randomPauseMs(viewSeconds),
  })
  const action = (
    step: VisitStep,
    name: string,
    details: Pick<VisitStep, 'properties' | 'value'>,
  ): VisitStep => ({
    name,
    path: step.path,
    title: step.title,
    ...details,
    properties: { simulated: true, ...details.properties },
    pauseMs: randomPauseMs(actionSeconds),
  })

  const landing = pickLandingPath(wanted, referrer, random)
  yield { ...view(landing), referrer, ...(query !== undefined && { query }) }
  if (intent === 'glance') return

  if (landing === paths.home) yield view(paths.category(wanted.category))
  if (landing !== paths.product(wanted.slug)) yield view(paths.product(wanted.slug))
  yield* browse(wanted, random, view)
  if (intent === 'browse') return

  const product = view(paths.product(wanted.slug))
  yield product
  const added = { product: wanted.slug, price: wanted.price }
  yield action(product, 'add_to_cart', { properties: added, value: wanted.price })
  yield view(paths.cart)
  if (intent === 'hesitate' && random() < 0.5) return

  const checkout = view(paths.checkout)
  yield checkout
  if (intent === 'hesitate') return
  yield action(checkout, 'purchase', { properties: { items: 1 }, value: wanted.price })
  yield view(paths.thanks)
}

/** Picks the landing page. Visits with a referrer often start on a product or category page. */
function pickLandingPath(wanted: Product, referrer: string, random: () => number): string {
  const chance = random()
  if (chance < (referrer ? 0.4 : 0.7)) return paths.home
  return chance < 0.75 ? paths.product(wanted.slug) : paths.category(wanted.category)
}

/** Views a random number of other categories and products. */
function* browse(
  wanted: Product,
  random: () => number,
  view: (path: string) => VisitStep,
): Generator<VisitStep> {
  const weighted = categories.map(value => ({
    value,
    weight: value.slug === wanted.category ? 3 : 1,
  }))
  while (random() < 0.62) {
    const category = pickWeighted(weighted, random)
    yield view(paths.category(category.slug))
    const others = productsIn(category.slug).filter(product => product !== wanted)
    const other = pickWeighted(
      others.map(value => ({ value, weight: 1 })),
      random,
    )
    yield view(paths.product(other.slug))
  }
}
