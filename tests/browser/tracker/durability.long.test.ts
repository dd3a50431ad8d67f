import { describe } from 'vitest'
import {
  testCrashAndAdoption,
  testKilledBrowser,
  testLeavingWithFaults,
  testManyTabs,
} from './durability-cases.ts'
import { createTrackerTest } from './tracker-test.ts'

describe.each(['chromium', 'firefox'] as const)('Tracker in %s: events that outlive', kind => {
  const it = createTrackerTest(kind)
  testCrashAndAdoption(it)
  testManyTabs(it)
  testLeavingWithFaults(it)
  testKilledBrowser(it)
})
