import { beforeAll, describe, expect, it } from 'vitest'
import { type Finished, run } from '../../scripts/run.ts'

const vitest = (...args: string[]): Promise<Finished> =>
  run(['vitest', 'run', '--no-color', '--config', 'tests/setup/fixtures/vitest.config.ts', ...args])

const lastLine = (stdout: string): string | undefined => stdout.trimEnd().split('\n').at(-1)

describe('a run in which much goes wrong', () => {
  let whole: Finished

  beforeAll(async () => {
    whole = await vitest()
  })

  it('fails each test that says something nobody expected, and no other', () => {
    const line = /^ *([✓×]).*(?:console|dom)\.fixture.*> (passes|fails): .*$/gm
    const verdicts = [...whole.output.matchAll(line)]
    expect(verdicts).toHaveLength(9)
    for (const [test, mark, meant] of verdicts) {
      expect(mark, test).toBe(meant === 'passes' ? '✓' : '×')
    }
    expect(whole.output).toContain('Said on the console: a warning of nobody')
    expect(whole.output).toContain('Said on the console: not at all\n')
    expect(whole.output).toContain('Expected on the console, never said: /expected/')
  })

  it('ends with one plain line that counts tests, and what broke outside them, and is red', () => {
    // Six tests; a file that does not load, a rejection, and the hooks of a file and of a group.
    expect(lastLine(whole.stdout)).toBe('5 passed, 10 failed, 2 skipped')
    expect(whole.code).toBe(1)
  })
})

it('ends green when all that ran passed', async () => {
  const { code, stdout } = await vitest('console.fixture', '-t', 'passes: comes after')
  expect(lastLine(stdout)).toBe('1 passed, 0 failed, 7 skipped')
  expect(code).toBe(0)
})

it('is red when no test was executed, though none failed', async () => {
  const { code, stdout } = await vitest('dom.fixture', '-t', 'is skipped')
  expect(lastLine(stdout)).toBe('0 passed, 0 failed, 2 skipped')
  expect(code).toBe(1)
})

it('never says that nothing failed over a red run', async () => {
  const { code, stdout } = await vitest('no-such-file')
  expect(lastLine(stdout)).toBe('0 passed, 1 failed')
  expect(code).toBe(1)
})
