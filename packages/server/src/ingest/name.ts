import { toCleanText } from './text.ts'

/** Names that are remembered. A site has few; a sender may make up as many as it likes. */
const maxKnown = 1000

const known = new Map<string, string>()

/**
 * The name of an event as it is stored and shown. Events of one name have the very same string, so that the
 * tables that count by name need not compare its characters.
 */
export function toCleanName(name: string): string {
  const clean = known.get(name)
  if (clean !== undefined) return clean
  if (known.size === maxKnown) known.clear()
  const made = toCleanText(name)
  known.set(name, made)
  return made
}
