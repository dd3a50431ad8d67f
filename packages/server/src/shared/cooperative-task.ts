/**
 * Long work, divided into steps. At each `yield`, the runner may let other work run before it starts the next step.
 * `runCooperatively` runs a task in slices of the event loop; `runToCompletion` runs it without a break.
 */
export type CooperativeTask<Result> = Generator<undefined, Result>

/** Runs all steps of a task without a break, and returns its result. */
export function runToCompletion<Result>(task: CooperativeTask<Result>): Result {
  for (;;) {
    const step = task.next()
    if (step.done) return step.value
  }
}
