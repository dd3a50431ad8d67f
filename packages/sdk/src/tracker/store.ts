import type { Host } from './host.ts'

/**
 * The keys of one site in the page's storage. A storage that is blocked, full or broken has no effect, and keys of the
 * page are never touched.
 */
export interface Store {
  read(name: string): string | null | undefined
  write(name: string, value: string): void
  erase(name: string): void
  /** Names of all values. */
  names(): string[]
}

/** Name of the flag that `optOut` leaves. */
export const flagName = 'off'

/** Name of the visitor that `storedVisitor` keeps. */
export const visitorName = 'visitor'

/** @param prefix beginning of each key */
export function createStore(host: Host, prefix: string): Store {
  function attempt<Result>(run: (storage: Storage) => Result): Result | undefined {
    try {
      const { localStorage } = host
      return localStorage && run(localStorage)
    } catch {
      return undefined
    }
  }

  return {
    read: name => attempt(storage => storage.getItem(prefix + name)),
    write: (name, value) => attempt(storage => storage.setItem(prefix + name, value)),
    erase: name => attempt(storage => storage.removeItem(prefix + name)),
    names: () =>
      attempt(Object.keys)
        ?.filter(key => key.startsWith(prefix))
        .map(key => key.slice(prefix.length)) ?? [],
  }
}
