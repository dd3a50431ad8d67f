import { expect, it } from 'vitest'
import { normalizePaths, readableChannels, selectPages } from './page-paths.ts'

it('normalizePaths: removes queries and duplicates', () => {
  expect(normalizePaths(['/boots?size=40', '/a b', '/boots'])).toEqual(['/boots', '/a%20b'])
})

it('normalizePaths: throws for a path without a slash, and names it', () => {
  expect(() => normalizePaths(['/boots', 'hats'])).toThrow(
    new TypeError("paths: 'hats' does not start with a slash."),
  )
})

it('readableChannels: needs a path for `pageVisitors`', () => {
  expect(readableChannels(['pageVisitors', 'goals'], [])).toEqual(['goals'])
  expect(readableChannels(['pageVisitors', 'goals'], ['/'])).toEqual(['pageVisitors', 'goals'])
})

it('selectPages: returns the previous rows when only other pages have changed', () => {
  const row = (path: string, visitors: number) => ({ path, visitors })
  const first = selectPages([row('/a', 1), row('/b', 2)], ['/a'], undefined)
  expect(first).toEqual([row('/a', 1)])
  expect(selectPages([row('/a', 1), row('/b', 9)], ['/a'], first)).toBe(first)
  expect(selectPages([row('/a', 2), row('/b', 9)], ['/a'], first)).toEqual([row('/a', 2)])
})
