import { setImmediate } from 'node:timers/promises'

/** How long one piece of work may keep all others waiting, in milliseconds. */
const longestTurnMs = 4

/**
 * Goes through things that take long together, and lets others have their turns in between. What it goes
 * through must not change meanwhile.
 */
export async function inTurns<Thing>(
  things: Iterable<Thing>,
  take: (thing: Thing) => void,
): Promise<void> {
  let startedAt = performance.now()
  for (const thing of things) {
    take(thing)
    if (performance.now() - startedAt < longestTurnMs) continue
    await setImmediate()
    startedAt = performance.now()
  }
}
