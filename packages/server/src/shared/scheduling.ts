import { setImmediate } from 'node:timers/promises'
import type { CooperativeTask } from './cooperative-task.ts'

/*
 * How work shares the event loop, so that whoever asks for something small has it within a few milliseconds.
 */

/** How long one piece of work may keep all others waiting, in milliseconds. */
const longestTurnMs = 0.5

/** Does work that takes long, and lets others have their turns in between. Its first turn is at once. */
export async function runCooperatively<Result>(steps: CooperativeTask<Result>): Promise<Result> {
  let startedAt = performance.now()
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    if (performance.now() - startedAt < longestTurnMs) continue
    await setImmediate()
    startedAt = performance.now()
  }
}

/** What small pieces of work may take together before others have their turns, in milliseconds. */
const longestStretchMs = 1

const waiting: (() => void)[] = []
let stretchBeganAt = 0
let isStretch = false

/**
 * Does a small piece of work, at once unless the loop has done such work for a while or others wait: then when
 * it is its turn. There is one line for all, and its order is that of the calls.
 */
export function enqueue<Result>(work: () => Result): Promise<Result> {
  return new Promise((resolve, reject) => {
    const piece = (): void => {
      try {
        resolve(work())
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    }
    if (waiting.length === 0 && !isTooLong()) piece()
    else waiting.push(piece)
  })
}

/** Whether the stretch has lasted long enough. Begins one where there is none. */
function isTooLong(): boolean {
  const now = performance.now()
  if (isStretch) return now - stretchBeganAt >= longestStretchMs
  isStretch = true
  stretchBeganAt = now
  void goOn()
  return false
}

/** In the next turn of the loop, for as long as that may last. */
async function goOn(): Promise<void> {
  await setImmediate()
  isStretch = false
  while (waiting.length > 0 && !isTooLong()) {
    waiting.shift()?.()
    // What follows from it is part of what it takes.
    await new Promise<void>(process.nextTick)
  }
}
