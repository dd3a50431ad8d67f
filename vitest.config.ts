import { defineConfig } from 'vitest/config'
import { project, run } from './tests/setup/projects.ts'

/** Tests that take minutes, for `pnpm verify:long` alone. */
const long = '**/*.long.test.ts'

export default defineConfig({
  test: {
    ...run,
    projects: [
      project('unit', {
        include: ['{packages/*/src,playground,scripts}/**/*.test.ts'],
        exclude: [long],
        testTimeoutMs: 10_000,
      }),
      project('tests', {
        include: ['tests/**/*.test.ts'],
        exclude: [long, 'tests/browser/**'],
        testTimeoutMs: 20_000,
      }),
      project('browser', {
        include: ['tests/browser/**/*.test.ts'],
        exclude: [long],
        testTimeoutMs: 60_000,
        // Alone on the machine, so that what a page waits for is not a neighbor's work.
        group: 1,
        globalSetup: ['tests/setup/browser.ts'],
      }),
    ],
  },
})
