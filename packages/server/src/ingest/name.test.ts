import { expect, it } from 'vitest'
import { toCleanName } from './name.ts'

it('is clean text, however often it is asked for', () => {
  for (let time = 0; time < 2; time++) {
    expect(toCleanName('sign_up')).toBe('sign_up')
    expect(toCleanName('a\u0000b')).toBe('a\ufffdb')
    expect(toCleanName('__proto__')).toBe('__proto__')
  }
})

it('stays right after more names than are remembered', () => {
  for (let name = 0; name < 2500; name++)
    expect(toCleanName(`n${name}\u0000`)).toBe(`n${name}\ufffd`)
  expect(toCleanName('n0\u0000')).toBe('n0\ufffd')
})
