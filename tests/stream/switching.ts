import fc from 'fast-check'
import { ReaderGroup } from './reader-group.ts'
import { type LogType, startTestServer } from './test-server.ts'
import { switchingSteps, readerCount } from './switching-step.ts'

/**
 * Moves readers at random between the transports of one real server while the server publishes frames. Each reader
 * must receive every frame once and in order, or one reset if its cursor was invalid. A cursor of a selection must
 * stand for the same state at all readers and at the server.
 */
export async function checkSwitching(log: LogType, numRuns: number): Promise<void> {
  const server = await startTestServer(log)
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(switchingSteps, { maxLength: 24, size: 'max' }), async steps => {
        const group = new ReaderGroup(server, readerCount)
        try {
          for (const step of steps) await group.run(step)
          await group.expectSynchronized()
        } finally {
          group.close()
        }
      }),
      { numRuns },
    )
  } finally {
    await server.close()
  }
}
