import vue from '@vitejs/plugin-vue'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProjectInlineConfiguration, ViteUserConfig } from 'vitest/config'
import { ClosingLine } from './closing-line.ts'

interface ProjectOptions {
  /** Globs, from the root of the workspace. */
  include: string[]
  /** Globs of matching files that belong to another run or project. */
  exclude: string[]
  /** Timeout of a test and of a hook, in milliseconds. */
  testTimeoutMs: number
  /** Projects of one group run side by side, groups one after the other. @default 0 */
  group?: number
  /** Modules to run once before the project's first test, from the root of the workspace. */
  globalSetup?: string[]
  /**
   * Whether each file gets fresh modules and globals. Files that share them start faster, but must restore every
   * global that they change. @default true
   */
  isolate?: boolean
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Servers and commands that tests start compile each module once: they start in about half the time. */
const compileCache = join(root, 'node_modules/.cache/tidemark-compile')

/** Settings of every run. */
export const run: NonNullable<ViteUserConfig['test']> = {
  reporters: ['default', new ClosingLine()],
  // By default Vitest leaves one core free, which would be half of a machine with two cores.
  maxWorkers: Math.max(2, availableParallelism() - 1),
}

/** Defines a project whose tests run in Node, unless a file has `// @vitest-environment happy-dom`. */
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
      env: { NODE_COMPILE_CACHE: compileCache },
      // A test with unbounded memory use fails early, before it exhausts the machine.
      execArgv: ['--max-old-space-size=1024'],
      isolate: options.isolate ?? true,
      sequence: { groupOrder: options.group ?? 0 },
    },
  }
}
