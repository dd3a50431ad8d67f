import { describe } from 'vitest'
import {
  testBlocked,
  testConnectionFaults,
  testIntermediaries,
  testOffline,
  testRetryAfter,
  testSizeLimits,
} from './answer-cases.ts'
import { createTrackerTest } from './tracker-test.ts'

describe.each(['chromium', 'firefox'] as const)('Tracker in %s: answers and faults', kind => {
  const it = createTrackerTest(kind)
  testIntermediaries(it)
  testConnectionFaults(it)
  testSizeLimits(it)
  testRetryAfter(it)
  testBlocked(it)
  testOffline(it)
})
