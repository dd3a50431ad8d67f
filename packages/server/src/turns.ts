import { setImmediate } from 'node:timers/promises'
import type { Steps } from './rollup/steps.ts'

/** How long one piece of work may keep all others waiting, in milliseconds. */
const longestTurnMs = 4

/** Does work that takes long, and lets others have their turns in between. Its first turn is at once. */
export async function inTurns<Result>(steps: Steps<Result>): Promise<Result> {
  let startedAt = performance.now()
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    if (performance.now() - startedAt < longestTurnMs) continue
    await setImmediate()
    startedAt = performance.now()
  }
}
