import fc from 'fast-check'
import { Crowd } from './reader-group.ts'
import { type LogKind, serve } from './test-server.ts'
import { anyStep, readerCount } from './switching-step.ts'

/**
 * Moves readers at random between the transports of one real server while it publishes. Each must see
 * each number at most once, in order and none missing, or one reset where its cursor was not the server's;
 * and one cursor of a selection must be one state, for all of them and for the server.
 */
export async function checkSwitching(log: LogKind, numRuns: number): Promise<void> {
  const served = await serve(log)
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 24, size: 'max' }), async steps => {
        const crowd = new Crowd(served, readerCount)
        try {
          for (const step of steps) await crowd.take(step)
          await crowd.settle()
        } finally {
          crowd.close()
        }
      }),
      { numRuns },
    )
  } finally {
    await served.close()
  }
}
