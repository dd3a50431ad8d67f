import { describe } from 'vitest'
import { testApps, testCapture } from './capture-cases.ts'
import { createTrackerTest } from './tracker-test.ts'

describe.each(['chromium', 'firefox'] as const)('Tracker in %s: automatic events', kind => {
  const it = createTrackerTest(kind)
  testCapture(it)
  testApps(it)
})
