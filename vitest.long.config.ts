import { defineConfig } from 'vitest/config'
import { project, run } from './tests/setup/projects.ts'

const tenMinutesMs = 600_000

export default defineConfig({
  test: {
    ...run,
    projects: [
      project('long', {
        include: ['{packages/*/src,playground,tests}/**/*.long.test.ts'],
        exclude: ['tests/browser/**'],
        testTimeoutMs: tenMinutesMs,
      }),
      project('long browser', {
        include: ['tests/browser/**/*.long.test.ts'],
        exclude: [],
        testTimeoutMs: tenMinutesMs,
        group: 1,
        globalSetup: ['tests/setup/browser.ts'],
      }),
    ],
  },
})
