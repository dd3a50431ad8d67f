import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readablePath, textDirection, visibleText } from './readable.ts'

it.each(['', ' ', '\t\n', '\u00a0\u3000', '\u200b\u200d\ufeff', '\u202e', '\u3164', '\u2800'])(
  'finds nothing to see in %j',
  text => {
    expect(visibleText(text)).toBe('')
  },
)

it.each(['a', ' a ', '(none)', '\u202egnp.exe', 'é', '🏴‍☠️', '\ufffd'])(
  'leaves %j as it is',
  text => {
    expect(visibleText(text)).toBe(text)
  },
)

it.each([
  ['/caf%C3%A9', '/café'],
  ['/caf%c3%a9/%E6%B8%AF', '/café/港'],
  ['/%F0%9F%8C%8A', '/🌊'],
  ['/%61', '/a'],
  ['/שלום', '/שלום'],
  ['/%D7%A9%D7%9C%D7%95%D7%9D', '/שלום'],
  ['/', '/'],
])('shows %s as %s', (path, shown) => {
  expect(readablePath(path)).toBe(shown)
})

it.each([
  ['what divides a path', '/a%2Fb%3Fc%23d'],
  ['a percent sign', '/100%25'],
  ['the escape of an escape', '/caf%25C3%25A9'],
  ['white space', '/a%20b%C2%A0%E2%80%83'],
  ['control characters', '/%00%0A%1F%7F%C2%85'],
  ['what turns the text around', '/%E2%80%AEgnp.exe%E2%81%A6%D8%9C'],
  ['what has no width', '/a%E2%80%8Bb%EF%BB%BF%C2%AD'],
])('keeps the escapes of %s', (_, path) => {
  expect(readablePath(path)).toBe(path)
})

it.each([
  ['is Latin-1', '/caf%E9/%C3%A9'],
  ['is cut off', '/caf%C3'],
  ['is half of a surrogate pair', '/%ED%A0%80'],
  ['is no escape', '/100%/%zz'],
  ['is no path', 'caf%C3%A9'],
  ['is raw', '/\u202eabc d'],
])('gives back what %s', (_, path) => {
  expect(readablePath(path)).toBe(path)
})

it('decodes around a percent sign that is no escape', () => {
  expect(readablePath('/100%/caf%C3%A9')).toBe('/100%/café')
})

it.each([
  ['/שלום/a', 'ltr'],
  ['שלום', 'auto'],
  ['sign_up', 'auto'],
])('lets %s run %s', (text, direction) => {
  expect(textDirection(text)).toBe(direction)
})

/** What paths are made of. */
const parts = ['a', '/b', '-', 'é', '%C3%A9', '%E6%B8%AF', '%E9', '%20', '%25', '%2F', '%E2%80%AE']

it('shows a path that leads to the same page when it is typed into an address bar', () => {
  const pageOf = (path: string): string => new URL(path, 'https://shop.example').pathname
  const anyPath = fc.array(fc.constantFrom(...parts)).map(some => `/${['a', ...some].join('')}`)
  fc.assert(
    fc.property(anyPath, path => {
      expect(pageOf(readablePath(path))).toBe(pageOf(path))
    }),
  )
})
