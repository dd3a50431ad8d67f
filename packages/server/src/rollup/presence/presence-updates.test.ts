import fc from 'fast-check'
import { expect, it } from 'vitest'
import { defaultBounds } from '../bounds.ts'
import { type PresenceField, presenceFieldNames } from './presence-fields.ts'
import { createPresence } from './presence.ts'
import { hash64 } from '../sketch/hash.ts'
import { createPresenceUpdates } from './presence-updates.ts'
import { siteEvent } from '../testing/event.ts'

const now = 1_700_000_000_000

const events = fc
  .record({
    visitor: fc.constantFrom('a', 'b'),
    path: fc.constantFrom('/', '/a', undefined),
    source: fc.constantFrom('x.example', 'y.example', '(direct)', '(unknown)', undefined),
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
      const single = createPresenceUpdates((visitor, update) =>
        separate.update(hash64(visitor), update, now),
      )
      for (const batch of batches) {
        for (const event of batch) {
          updates.add(event)
          single.add(event)
          single.flush()
        }
        updates.flush()
      }
      for (const field of presenceFieldNames) {
        expect(merged.top(field)).toEqual(separate.top(field))
      }
    }),
  )
})

it('PresenceUpdates: keep an earlier name when a later event has none or is a direct return', () => {
  const presence = createPresence(defaultBounds, new Map())
  const updates = createPresenceUpdates((visitor, update) =>
    presence.update(hash64(visitor), update, now),
  )
  updates.add(siteEvent({ visitor: 'a', path: '/', source: 'x.example', country: 'FR' }))
  updates.add(siteEvent({ visitor: 'a', path: undefined, source: '(direct)' }))
  updates.add(siteEvent({ visitor: 'b', path: '/b', source: '(unknown)' }))
  updates.add(siteEvent({ visitor: 'b', path: '/b', source: '(direct)' }))
  updates.flush()
  const namesOf = (field: PresenceField) => presence.top(field).map(({ name }) => name)
  expect(namesOf('path')).toEqual(['/', '/b'])
  expect(namesOf('source')).toEqual(['(direct)', 'x.example'])
  expect(namesOf('country')).toEqual(['(unknown)', 'FR'])
})
