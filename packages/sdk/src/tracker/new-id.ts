import type { Host } from './host.ts'

/** Returns a random id of about 100 bits. `crypto.randomUUID` does not exist on plain http. */
export function newId({ Math: { random } }: Host): string {
  return (random().toString(36) + random().toString(36)).replaceAll('0.', '')
}
