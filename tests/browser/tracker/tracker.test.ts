import { describe } from 'vitest'
import { testIntermediaries } from './answer-cases.ts'
import { testCrashAndAdoption } from './durability-cases.ts'
import { testLeaving, testSlowBatch } from './lifecycle-cases.ts'
import { testLoaders, testRedirect } from './page-cases.ts'
import { createTrackerTest } from './tracker-test.ts'

/* The short form of the tests in `*.long.test.ts`. */

describe('Tracker in chromium', () => {
  const it = createTrackerTest('chromium')
  testLeaving(it)
  testRedirect(it)
  testLoaders(it, ['type="module"', 'a tag manager that injects a new element'])
  testIntermediaries(it, ['404 that the page can read'])
  testSlowBatch(it)
  testCrashAndAdoption(it)
})

describe('Tracker in firefox', () => {
  testSlowBatch(createTrackerTest('firefox'))
})
