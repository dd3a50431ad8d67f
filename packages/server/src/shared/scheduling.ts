import { setImmediate } from 'node:timers/promises'
import type { CooperativeTask } from './cooperative-task.ts'

/*
 * Cooperative scheduling on the event loop: limits how long work blocks the loop, so that a small request gets its
 * response within a few milliseconds.
 *
 * `runCooperatively` divides long work into slices. `enqueue` limits bursts of short work.
 */

/** Longest slice of a cooperative task, in milliseconds. A slice can be longer by one step. */
const maxSliceMs = 0.5

/**
 * Runs a long task in slices of at most 0.5 ms, and lets the event loop run between two slices. The first slice runs
 * synchronously, within the call.
 * @returns the result of the task; rejects with the error that a step throws
 */
export async function runCooperatively<Result>(task: CooperativeTask<Result>): Promise<Result> {
  let startedAt = performance.now()
  for (;;) {
    const step = task.next()
    if (step.done) return step.value
    if (performance.now() - startedAt < maxSliceMs) continue
    await setImmediate()
    startedAt = performance.now()
  }
}

/** Resolves in the next turn of the event loop, after other work had its turn. */
export function nextTurn(): Promise<void> {
  return setImmediate()
}

/** Longest time for queued work in one turn of the event loop, in milliseconds. */
const maxTurnMs = 1

const queue: (() => void)[] = []
let turnStartedAt = 0
let isTurnOpen = false

/**
 * Runs short work in call order, at most about 1 ms per turn of the event loop. Work runs synchronously, within the
 * call, while the queue is empty and the current turn has time left; otherwise it waits for a later turn. All callers
 * share one queue.
 * @returns the result of `work`; rejects with the error that `work` throws
 */
export function enqueue<Result>(work: () => Result): Promise<Result> {
  return new Promise((resolve, reject) => {
    const job = (): void => {
      try {
        resolve(work())
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    }
    if (queue.length === 0 && !isTurnUsedUp()) job()
    else queue.push(job)
  })
}

/** Returns whether the current turn has used up its time. Starts a turn when none is open. */
function isTurnUsedUp(): boolean {
  const now = performance.now()
  if (isTurnOpen) return now - turnStartedAt >= maxTurnMs
  isTurnOpen = true
  turnStartedAt = now
  void runQueue()
  return false
}

/** Closes the turn, and runs queued jobs in the next one until its time is used up. */
async function runQueue(): Promise<void> {
  await setImmediate()
  isTurnOpen = false
  while (queue.length > 0 && !isTurnUsedUp()) {
    queue.shift()?.()
    // Lets the promise callbacks of the job run first, so that the turn's time includes them.
    await new Promise<void>(process.nextTick)
  }
}
