import { attempt } from '../shared/attempt.ts'
import type { Host } from './host.ts'

/**
 * Calls a method of the page's storage for a value of the site. A storage that is blocked, full or broken has no
 * effect.
 */
export type Store = (
  method: 'getItem' | 'setItem' | 'removeItem',
  name: string,
  value?: string,
) => string | null | void

/** Name of the flag that `optOut` leaves. */
export const flagName = 'off'

/** Name of the visitor that `storedVisitor` keeps. */
export const visitorName = 'visitor'

/**
 * Opens the values of one site. Keys of the page are never touched.
 * @param prefix beginning of each key
 * @returns the access to one value, and a function that lists the names of all values
 */
export function createStore(
  host: Host,
  prefix: string,
): [access: Store, listNames: () => string[]] {
  return [
    (method, name, value = '') => attempt(() => host.localStorage[method](prefix + name, value)),
    () =>
      attempt(() =>
        Object.keys(host.localStorage)
          .filter(key => key.startsWith(prefix))
          .map(key => key.slice(prefix.length)),
      ) ?? [],
  ]
}
