/**
 * Work that is done bit by bit: at each `yield` others may have their turns, before it goes on with the same
 * things. What drives it is not ours to know; see `inTurns`.
 */
export type CooperativeTask<Result> = Generator<undefined, Result>

/** Does all of it in one turn. */
export function runToCompletion<Result>(steps: CooperativeTask<Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}
