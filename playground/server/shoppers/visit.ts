import { eventNames } from '@tidemark/protocol'
import { type Product, categories, products, productsIn } from '../../shop/catalog.ts'
import { paths, routeOf, titleOf } from '../../shop/routes.ts'
import { type Weighted, draw, referrers } from './personas.ts'

/** One thing that a shopper does, and for how long nothing follows. */
export interface Step {
  readonly name: string
  readonly path: string
  readonly title: string
  /** Address of the page that led here; empty for none. Views only. */
  readonly referrer?: string
  readonly properties: Readonly<Record<string, string | number | boolean>>
  readonly value?: number
  /** Time to the next step, or to the end of the visit, in milliseconds. */
  readonly thenMs: number
}

/** What comes of a visit. */
type Purpose = 'glance' | 'browse' | 'hesitate' | 'buy'

const purposes: readonly Weighted<Purpose>[] = [
  { value: 'glance', weight: 24 },
  { value: 'browse', weight: 46 },
  { value: 'hesitate', weight: 14 },
  { value: 'buy', weight: 16 },
]

/** Products that everyone looks at, and others that few find. */
const popular: readonly Weighted<Product>[] = products.map((value, index) => ({
  value,
  weight: [9, 4, 5, 3, 6, 4, 2, 5, 7, 4, 3, 4][index] ?? 3,
}))

/** How far a shopper is from the last click to the next, in seconds. */
const lookS = { min: 6, max: 60 } as const
const decideS = { min: 3, max: 20 } as const

/**
 * One visit to the shop, from the page it begins on to the last thing that happens. The same random
 * numbers give the same visit.
 */
export function* planVisit(random: () => number): Generator<Step, void, undefined> {
  const purpose = draw(purposes, random)
  const wanted = draw(popular, random)
  const referrer = draw(referrers, random)

  const between = ({ min, max }: { min: number; max: number }): number =>
    // Most looks are short and a few are long.
    Math.round(1000 * (min + (max - min) * random() ** 2))
  const look = (path: string, from = ''): Step => ({
    name: eventNames.pageView,
    path,
    title: titleOf(routeOf(path)),
    referrer: from,
    properties: { simulated: true },
    thenMs: between(lookS),
  })
  const act = (step: Step, name: string, more: Pick<Step, 'properties' | 'value'>): Step => ({
    name,
    path: step.path,
    title: step.title,
    ...more,
    properties: { simulated: true, ...more.properties },
    thenMs: between(decideS),
  })

  const entry = entryOf(wanted, referrer, random)
  yield look(entry, referrer)
  if (purpose === 'glance') return

  if (entry === paths.home) yield look(paths.category(wanted.category))
  if (entry !== paths.product(wanted.slug)) yield look(paths.product(wanted.slug))
  yield* wander(wanted, random, look)
  if (purpose === 'browse') return

  const product = look(paths.product(wanted.slug))
  yield product
  const added = { product: wanted.slug, price: wanted.price }
  yield act(product, 'add_to_cart', { properties: added, value: wanted.price })
  yield look(paths.basket)
  if (purpose === 'hesitate' && random() < 0.5) return

  const checkout = look(paths.checkout)
  yield checkout
  if (purpose === 'hesitate') return
  yield act(checkout, 'purchase', { properties: { items: 1 }, value: wanted.price })
  yield look(paths.thanks)
}

/** Searches and links lead to a product as often as to the front page. */
function entryOf(wanted: Product, referrer: string, random: () => number): string {
  const chance = random()
  if (chance < (referrer ? 0.4 : 0.7)) return paths.home
  return chance < 0.75 ? paths.product(wanted.slug) : paths.category(wanted.category)
}

/** Looks at a few things that were not looked for. */
function* wander(
  wanted: Product,
  random: () => number,
  look: (path: string) => Step,
): Generator<Step> {
  const all = categories.map(value => ({ value, weight: value.slug === wanted.category ? 3 : 1 }))
  while (random() < 0.62) {
    const category = draw(all, random)
    yield look(paths.category(category.slug))
    const others = productsIn(category.slug).filter(product => product !== wanted)
    const other = draw(
      others.map(value => ({ value, weight: 1 })),
      random,
    )
    yield look(paths.product(other.slug))
  }
}
