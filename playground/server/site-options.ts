import type { Goal } from '@tidemark/server'
import { paths } from '../shop/routes.ts'

/** Header with the visitor's country. A CDN usually sets it; the simulated shoppers send it themselves. */
export const countryHeader = 'Demo-Country'

/** Site id of the demo shop. */
export const siteId = 'demo'

/** Goals of the demo shop: one by event, one by path. */
export const goals: readonly Goal[] = [
  { name: 'Order', event: 'purchase' },
  { name: 'Checkout', path: paths.checkout },
]
