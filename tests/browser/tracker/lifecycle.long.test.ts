import { describe } from 'vitest'
import {
  testSilentBatch,
  testSlowBatch,
  testChromiumLifecycle,
  testClock,
  testLeaving,
  testReloads,
} from './lifecycle-cases.ts'
import { createTrackerTest } from './tracker-test.ts'

describe.each(['chromium', 'firefox'] as const)('Tracker in %s: life cycle of a page', kind => {
  const it = createTrackerTest(kind)
  testSilentBatch(it)
  testSlowBatch(it)
  testLeaving(it)
  testReloads(it)
  testClock(it)
  if (kind === 'chromium') testChromiumLifecycle(it)
})
