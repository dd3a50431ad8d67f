import fc from 'fast-check'
import { expect, it } from 'vitest'
import { defaultBounds } from './bounds.ts'
import type { SiteEvent } from './event.ts'
import { createPresence } from './presence.ts'
import { createSightings } from './sightings.ts'

const now = 1_700_000_000_000

const events: fc.Arbitrary<SiteEvent> = fc.record({
  name: fc.constant('page_view'),
  at: fc.constant(now),
  visitor: fc.constantFrom('a', 'b'),
  client: fc.constant(undefined),
  n: fc.constant(undefined),
  path: fc.constantFrom('/', '/a', undefined),
  title: fc.constant(undefined),
  source: fc.constantFrom('x.example', 'y.example', '(direct)', undefined),
  campaign: fc.constant(undefined),
  country: fc.constantFrom('FR', 'DE', undefined),
  device: fc.constantFrom('mobile' as const, 'desktop' as const),
  browser: fc.constant('Firefox'),
  os: fc.constant('Linux'),
  isBot: fc.constant(false),
  session: fc.constant(undefined),
  goals: fc.constant([]),
  value: fc.constant(undefined),
})

it('leaves everyone where they would be had each event been seen by itself', () => {
  fc.assert(
    fc.property(fc.array(fc.array(events, { maxLength: 8 }), { maxLength: 4 }), batches => {
      const [together, apart] = [1, 2].map(() => createPresence(defaultBounds, new Map()))
      if (!together || !apart) return
      const sightings = createSightings((visitor, seen) => together.see(visitor, seen, now))
      for (const batch of batches) {
        for (const event of batch) {
          sightings.add(event)
          apart.see(event.visitor, event, now)
        }
        sightings.flush()
      }
      for (const list of ['pages', 'sources', 'countries', 'devices'] as const) {
        expect(together[list]()).toEqual(apart[list]())
      }
    }),
  )
})
