import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readablePath, textDirection, visibleText } from './readable-text.ts'

it.each(['', ' ', '\t\n', '\u00a0\u3000', '\u200b\u200d\ufeff', '\u202e', '\u3164', '\u2800'])(
  'visibleText: returns an empty string for %j',
  text => {
    expect(visibleText(text)).toBe('')
  },
)

it.each(['a', ' a ', '(none)', '\u202egnp.exe', 'é', '🏴‍☠️', '\ufffd'])(
  'visibleText: returns %j unchanged',
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
])('readablePath: shows %s as %s', (path, shown) => {
  expect(readablePath(path)).toBe(shown)
})

it.each([
  ['path separators', '/a%2Fb%3Fc%23d'],
  ['a percent sign', '/100%25'],
  ['an escaped escape', '/caf%25C3%25A9'],
  ['white space', '/a%20b%C2%A0%E2%80%83'],
  ['control characters', '/%00%0A%1F%7F%C2%85'],
  ['direction marks', '/%E2%80%AEgnp.exe%E2%81%A6%D8%9C'],
  ['zero-width characters', '/a%E2%80%8Bb%EF%BB%BF%C2%AD'],
])('readablePath: keeps %s escaped', (_, path) => {
  expect(readablePath(path)).toBe(path)
})

it.each([
  ['in Latin-1', '/caf%E9/%C3%A9'],
  ['with a truncated escape', '/caf%C3'],
  ['with half a surrogate pair', '/%ED%A0%80'],
  ['with invalid escapes', '/100%/%zz'],
  ['without a leading slash', 'caf%C3%A9'],
  ['with raw characters', '/\u202eabc d'],
])('readablePath: returns a text %s unchanged', (_, path) => {
  expect(readablePath(path)).toBe(path)
})

it('readablePath: decodes the escapes around an invalid one', () => {
  expect(readablePath('/100%/caf%C3%A9')).toBe('/100%/café')
})

it.each([
  ['/שלום/a', 'ltr'],
  ['שלום', 'auto'],
  ['sign_up', 'auto'],
])('textDirection: of %s is %s', (text, direction) => {
  expect(textDirection(text)).toBe(direction)
})

/** Segments of generated paths. */
const parts = ['a', '/b', '-', 'é', '%C3%A9', '%E6%B8%AF', '%E9', '%20', '%25', '%2F', '%E2%80%AE']

it('readablePath: returns a path that leads to the same page in an address bar', () => {
  const pageOf = (path: string): string => new URL(path, 'https://shop.example').pathname
  const anyPath = fc.array(fc.constantFrom(...parts)).map(some => `/${['a', ...some].join('')}`)
  fc.assert(
    fc.property(anyPath, path => {
      expect(pageOf(readablePath(path))).toBe(pageOf(path))
    }),
  )
})
