import type { TidemarkOptions } from '../config.ts'
import { findProblems } from './find-problems.ts'
import { optionsSchema } from './schema.ts'

/**
 * Checks the names and values of options, as JavaScript callers have no types.
 * @throws {TypeError} with all mistakes, one in each line
 */
export function checkOptions(options: TidemarkOptions): void {
  const problems = findProblems(optionsSchema, options)
  if (problems.length === 0) return
  throw new TypeError(
    problems.map(({ path, message }) => `${path === '' ? 'options' : path}: ${message}`).join('\n'),
  )
}
