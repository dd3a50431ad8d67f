import fc from 'fast-check'
import { expect, it } from 'vitest'
import { defaultBounds } from '../bounds.ts'
import { createPresence } from './presence.ts'
import { hash64 } from '../sketch/hash.ts'
import { createPresenceUpdates } from './presence-updates.ts'
import { siteEvent } from '../testing/event.ts'

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

it('PresenceUpdates: end in the same presence as one update per event', () => {
  fc.assert(
    fc.property(fc.array(fc.array(events, { maxLength: 8 }), { maxLength: 4 }), batches => {
      const [merged, separate] = [1, 2].map(() => createPresence(defaultBounds, new Map()))
      if (!merged || !separate) return
      const updates = createPresenceUpdates((visitor, update) =>
        merged.update(hash64(visitor), update, now),
      )
      for (const batch of batches) {
        for (const event of batch) {
          updates.add(event)
          separate.update(hash64(event.sender.visitor), { ...event.sender, ...event }, now)
        }
        updates.flush()
      }
      for (const list of ['pages', 'sources', 'countries', 'devices'] as const) {
        expect(merged[list]()).toEqual(separate[list]())
      }
    }),
  )
})
