import { expect, it } from 'vitest'
import { toScreenClass } from './screen-class.ts'

// The breakpoints of Bootstrap 5 (https://getbootstrap.com/docs/5.3/layout/breakpoints), and Full HD.
it.each([
  ['1x1', '0-575'],
  ['390x844', '0-575'],
  ['575x900', '0-575'],
  ['576x900', '576-767'],
  ['768x1024', '768-991'],
  ['992x600', '992-1199'],
  ['1199x600', '992-1199'],
  ['1200x800', '1200-1399'],
  ['1440x900', '1400-1919'],
  ['1919x1080', '1400-1919'],
  ['1920x1080', '1920+'],
  ['99999x99999', '1920+'],
])('toScreenClass: %s is %s', (screen, name) => {
  expect(toScreenClass(screen)).toBe(name)
})
