import type { Host } from './host.ts'

/**
 * Returns a random id that begins with the time, so that ids sort by their age. `crypto.randomUUID` does not exist on
 * plain http.
 */
export function newId({ Date, Math }: Host): string {
  return Date.now().toString(36) + Math.random().toString(36).slice(2)
}
