import type { Settings } from '../log/log.ts'

/** Returns settings whose changes stay in memory. */
export function overlaySettings(base: Pick<Settings, 'get'>): Settings {
  const changed = new Map<string, string>()
  return {
    get: name => changed.get(name) ?? base.get(name),
    set: (name, value) => void changed.set(name, value),
  }
}
