import { expect, it } from 'vitest'
import { toCleanName } from './name.ts'

it('toCleanName: returns clean text, also from the cache', () => {
  for (let time = 0; time < 2; time++) {
    expect(toCleanName('sign_up')).toBe('sign_up')
    expect(toCleanName('a\u0000b')).toBe('a\ufffdb')
    expect(toCleanName('__proto__')).toBe('__proto__')
  }
})

it('toCleanName: stays correct after the cache was cleared', () => {
  for (let name = 0; name < 2500; name++)
    expect(toCleanName(`n${name}\u0000`)).toBe(`n${name}\ufffd`)
  expect(toCleanName('n0\u0000')).toBe('n0\ufffd')
})
