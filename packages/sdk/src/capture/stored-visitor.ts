import type { Capture } from '../tracker/capture-context.ts'
import { newId } from '../tracker/new-id.ts'
import { visitorName } from '../tracker/store.ts'

/**
 * Stores a random visitor id and the day on which it was made (`firstSeen`), so that a visitor is the same from day to
 * day. It works only while the tracker may store (`persist`), and without an id of your own. `reset()` makes a new id.
 */
export function storedVisitor(): Capture {
  return ({ facts, isDurable, onEvent, store }) =>
    onEvent(event => {
      delete facts['firstSeen']
      if (!isDurable() || event.visitorId) return event
      const saved =
        store('getItem', visitorName) ??
        `${newId(globalThis)} ${new Date().toISOString().slice(0, 10)}`
      store('setItem', visitorName, saved)
      // An id that is not stored would count each page as a new visitor.
      if (store('getItem', visitorName) !== saved) return event
      const [visitorId, firstSeen] = saved.split(' ')
      facts['firstSeen'] = firstSeen
      return { ...event, visitorId }
    })
}
