import { expect, it } from 'vitest'
import { memoizeLast } from './memoize-last.ts'

it('memoizeLast: computes again only when the argument changes', () => {
  const computed: string[] = []
  const length = memoizeLast((text: string) => {
    computed.push(text)
    return text.length
  })
  expect(['a', 'a', 'bc', 'bc', 'a'].map(length)).toEqual([1, 1, 2, 2, 1])
  expect(computed).toEqual(['a', 'bc', 'a'])
})

it('memoizeLast: accepts undefined as an argument and result', () => {
  const computed: unknown[] = []
  const record = memoizeLast((argument: string | undefined): undefined => {
    computed.push(argument)
  })
  for (const argument of [undefined, undefined, 'a', undefined]) record(argument)
  expect(computed).toEqual([undefined, 'a', undefined])
})
