import process from 'node:process'
import type { Reporter, TestModule, Vitest } from 'vitest/node'

/**
 * Ends the output of a run with one plain line for scripts: `N passed, N failed` or, when tests were skipped,
 * `N passed, N failed, N skipped`.
 *
 * Errors outside tests (a file that does not load, a hook, an unhandled rejection, the set-up) count as failed,
 * so a failed run never prints `0 failed`. A run without an executed test fails.
 */
export class ClosingLine implements Reporter {
  #passed = 0
  #failed = 0
  #skipped = 0

  onInit(vitest: Vitest): void {
    if (vitest.config.watch) return
    // Other reporters and Vitest itself print until the process exits.
    process.once('exit', code => this.#close(code))
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    this.#failed += unhandledErrors.length
    for (const module of modules) this.#count(module)
  }

  #count(module: TestModule): void {
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      if (state === 'passed') this.#passed += 1
      else if (state === 'skipped') this.#skipped += 1
      else this.#failed += 1
    }
    this.#failed += module.errors().length
    for (const suite of module.children.allSuites()) this.#failed += suite.errors().length
  }

  #close(code: number): void {
    const executed = this.#passed + this.#failed
    if (executed === 0) process.exitCode = 1
    const failed = this.#failed === 0 && code !== 0 ? 1 : this.#failed
    const skipped = this.#skipped > 0 ? `, ${this.#skipped} skipped` : ''
    process.stdout.write(`${this.#passed} passed, ${failed} failed${skipped}\n`)
  }
}
