import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { memoizeTexts } from './memoize-texts.ts'

it('memoizeTexts: computes each result once, also undefined', () => {
  const work = vi.fn<(text: string) => { text: string } | undefined>(text =>
    text === '' ? undefined : { text },
  )
  const once = memoizeTexts(work, 10_000)
  const first = once('a')
  expect(first).toEqual({ text: 'a' })
  expect(once('')).toBeUndefined()
  expect(once('a')).toBe(first)
  expect(once('')).toBeUndefined()
  expect(work).toHaveBeenCalledTimes(2)
})

it('memoizeTexts: clears the full cache, and stays correct', () => {
  const work = vi.fn<(text: string) => string>(text => text.toUpperCase())
  const once = memoizeTexts(work, 1500)
  // Each entry takes 300 characters, so five fit.
  const texts = ['a', 'b', 'c', 'd', 'e'].map(letter => letter.repeat(100))
  for (const text of [...texts, ...texts]) expect(once(text)).toBe(text.toUpperCase())
  expect(work).toHaveBeenCalledTimes(5)
  const sixth = 'f'.repeat(100)
  expect(once(sixth)).toBe(sixth.toUpperCase())
  for (const text of texts.slice(0, 4)) expect(once(text)).toBe(text.toUpperCase())
  expect(work).toHaveBeenCalledTimes(10)
  expect(once(sixth)).toBe(sixth.toUpperCase())
  expect(work).toHaveBeenCalledTimes(10)
  // Five entries fit again. One more clears the cache, and the first is computed again.
  expect(once('e'.repeat(100))).toBe('E'.repeat(100))
  expect(once(sixth)).toBe(sixth.toUpperCase())
  expect(work).toHaveBeenCalledTimes(12)
})

it('memoizeTexts: passes errors on', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 4 })), texts => {
      const once = memoizeTexts(text => text.length, 500)
      for (const text of texts) expect(once(text)).toBe(text.length)
    }),
  )
})
