import { eventNames } from '@tidemark/protocol'
import { products } from '../../shop/catalog.ts'
import { paths } from '../../shop/routes.ts'
import { bots } from '../shoppers/personas.ts'
import type { PastGroup } from './past-group.ts'

const hourMs = 3_600_000
/** Crawlers come every few hours. */
const hoursBetween = 3

/** Returns the page views of crawlers in `[from, to)`, one group for each. */
export function pastBots(
  { from, to }: { from: number; to: number },
  origin: string,
  random: () => number,
): PastGroup[] {
  return bots.map(({ value: userAgent, weight }) => {
    const group: PastGroup = { userAgent, country: 'US', events: [] }
    for (let at = from; at + 1000 * weight < to; at += hoursBetween * hourMs) {
      for (let view = 0; view < weight; view++) {
        const { slug } = products[Math.floor(random() * products.length)] ?? {}
        const url = origin + (slug === undefined ? paths.home : paths.product(slug))
        group.events.push({ name: eventNames.pageView, timestamp: at + 1000 * view, url })
      }
    }
    return group
  })
}
