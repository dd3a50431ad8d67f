import { defineConfig } from 'vitest/config'
import { project, run } from './tests/setup/projects.ts'

/** Tests that take minutes. They run in `pnpm verify:long` only. */
const long = '**/*.long.test.ts'

/** Unit tests that change globals or use a DOM, and therefore run in isolation. */
const isolated = [
  'packages/widgets/src/**/*.test.ts',
  'playground/**/*.test.ts',
  'packages/sdk/src/**/*.dom.test.ts',
]

export default defineConfig({
  test: {
    ...run,
    projects: [
      project('unit', {
        include: ['{packages/*/src,scripts,bench}/**/*.test.ts', 'packages/*/*.test.ts'],
        exclude: [long, ...isolated],
        testTimeoutMs: 10_000,
        isolate: false,
      }),
      project('unit isolated', {
        include: isolated,
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
        // Runs alone, so that no other test slows the pages down.
        group: 1,
        globalSetup: ['tests/setup/browser.ts'],
      }),
    ],
  },
})
