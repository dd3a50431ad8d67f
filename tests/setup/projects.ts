import vue from '@vitejs/plugin-vue'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { TestProjectInlineConfiguration, ViteUserConfig } from 'vitest/config'
import { ClosingLine } from './closing-line.ts'

interface ProjectOptions {
  /** Globs, from the root of the workspace. */
  include: string[]
  /** Globs of what `include` takes in and belongs to another run or project. */
  exclude: string[]
  /** Longest that a test may take, in milliseconds. */
  testTimeoutMs: number
  /** Projects of one group run side by side, groups one after the other. @default 0 */
  group?: number
  /** Modules to run once before the project's first test, from the root of the workspace. */
  globalSetup?: string[]
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What every run has in common, whatever its projects. */
export const run: NonNullable<ViteUserConfig['test']> = {
  reporters: ['default', new ClosingLine()],
  // Vitest leaves one core alone, which on a machine of two would be half of it.
  maxWorkers: Math.max(2, availableParallelism() - 1),
}

/** A project whose tests run in Node, unless a file asks for `// @vitest-environment happy-dom`. */
export function project(name: string, options: ProjectOptions): TestProjectInlineConfiguration {
  return {
    root,
    plugins: [vue()],
    test: {
      name,
      include: options.include,
      exclude: ['**/node_modules/**', '**/dist/**', ...options.exclude],
      testTimeout: options.testTimeoutMs,
      hookTimeout: options.testTimeoutMs,
      globalSetup: options.globalSetup ?? [],
      setupFiles: ['tests/setup/console.ts'],
      // A test that grows without end dies soon, instead of taking the machine's memory first.
      execArgv: ['--max-old-space-size=1024'],
      sequence: { groupOrder: options.group ?? 0 },
    },
  }
}
