import fc from 'fast-check'
import { expect, it } from 'vitest'
import { defaultBounds } from '../bounds.ts'
import { createPresence } from './presence.ts'
import { hash64 } from '../sketch/hash.ts'
import { createPresenceUpdates } from './presence-updates.ts'
import { siteEvent } from '../../testing/event.ts'

const now = 1_700_000_000_000

const events = fc
  .record({
    visitor: fc.constantFrom('a', 'b'),
    path: fc.constantFrom('/', '/a', undefined),
    source: fc.constantFrom('x.example', 'y.example', '(direct)', undefined),
    country: fc.constantFrom('FR', 'DE', undefined),
    device: fc.constantFrom('mobile' as const, 'desktop' as const),
  })
  .map(fields => siteEvent(fields))

it('leaves everyone where they would be had each event been seen by itself', () => {
  fc.assert(
    fc.property(fc.array(fc.array(events, { maxLength: 8 }), { maxLength: 4 }), batches => {
      const [together, apart] = [1, 2].map(() => createPresence(defaultBounds, new Map()))
      if (!together || !apart) return
      const sightings = createPresenceUpdates((visitor, seen) =>
        together.update(hash64(visitor), seen, now),
      )
      for (const batch of batches) {
        for (const event of batch) {
          sightings.add(event)
          apart.update(hash64(event.sender.visitor), { ...event.sender, ...event }, now)
        }
        sightings.flush()
      }
      for (const list of ['pages', 'sources', 'countries', 'devices'] as const) {
        expect(together[list]()).toEqual(apart[list]())
      }
    }),
  )
})
