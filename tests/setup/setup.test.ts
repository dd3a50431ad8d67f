import { beforeAll, describe, expect, it } from 'vitest'
import { type Finished, run } from '../../scripts/run.ts'

const vitest = (...args: string[]): Promise<Finished> =>
  run(['vitest', 'run', '--no-color', '--config', 'tests/setup/fixtures/vitest.config.ts', ...args])

const lastLine = (stdout: string): string | undefined => stdout.trimEnd().split('\n').at(-1)

describe('Test set-up: a run with many failures', () => {
  let result: Finished

  beforeAll(async () => {
    result = await vitest()
  })

  it('fails exactly the tests with an unexpected or a missing warning', () => {
    const line = /^ *([✓×]).*(?:console|dom)\.fixture.*> (passes|fails): .*$/gm
    const verdicts = [...result.output.matchAll(line)]
    expect(verdicts).toHaveLength(9)
    for (const [test, symbol, expected] of verdicts) {
      expect(symbol, test).toBe(expected === 'passes' ? '✓' : '×')
    }
    expect(result.output).toContain('Unexpected warning: a warning of nobody')
    expect(result.output).toContain('Unexpected warning: not at all\n')
    expect(result.output).toContain('Missing warning: /expected/')
  })

  it('ends with one line that counts tests and errors outside tests, and exits with 1', () => {
    // Six tests; a file that does not load, a rejection, and the hooks of a file and of a group.
    expect(lastLine(result.stdout)).toBe('5 passed, 10 failed, 2 skipped')
    expect(result.code).toBe(1)
  })
})

it('Test set-up: exits with 0 when all executed tests passed', async () => {
  const { code, stdout } = await vitest('console.fixture', '-t', 'passes: follows')
  expect(lastLine(stdout)).toBe('1 passed, 0 failed, 7 skipped')
  expect(code).toBe(0)
})

it('Test set-up: exits with 1 when no test was executed', async () => {
  const { code, stdout } = await vitest('dom.fixture', '-t', 'is skipped')
  expect(lastLine(stdout)).toBe('0 passed, 0 failed, 2 skipped')
  expect(code).toBe(1)
})

it('Test set-up: reports a failure when no test file matches', async () => {
  const { code, stdout } = await vitest('no-such-file')
  expect(lastLine(stdout)).toBe('0 passed, 1 failed')
  expect(code).toBe(1)
})
