import { describe } from 'vitest'
import {
  testHostilePages,
  testLoaders,
  testRedirect,
  testRequests,
  testTags,
  testViews,
} from './page-cases.ts'
import { createTrackerTest } from './tracker-test.ts'

describe.each(['chromium', 'firefox'] as const)('Tracker in %s: pages', kind => {
  const it = createTrackerTest(kind)
  testHostilePages(it)
  testRedirect(it)
  testViews(it)
  testLoaders(it)
  testTags(it)
  testRequests(it)
})
