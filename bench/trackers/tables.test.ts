import { expect, it } from 'vitest'
import { fillTables, toCell } from './tables.ts'

it.each([
  ['0', { delivered: 0, repeated: 0 }],
  ['3', { delivered: 3, afterReturn: 3, repeated: 0 }],
  ['3, later 7', { delivered: 3, afterReturn: 7, repeated: 0 }],
  ['**0, later 10**', { delivered: 0, afterReturn: 10, repeated: 0 }],
  ['**10 (2 twice)**', { delivered: 10, repeated: 2 }],
])('toCell: returns %s', (cell, delivery) => {
  expect(toCell(delivery)).toBe(cell)
})

it('fillTables: replaces the text between two markers and nothing else', () => {
  const page = '# A\n\n<!-- table:one -->\n\nold\n\n<!-- /table -->\n\nText $&\n'
  const filled = fillTables(page, new Map([['one', '| $1 |']]))
  expect(filled).toBe('# A\n\n<!-- table:one -->\n\n| $1 |\n\n<!-- /table -->\n\nText $&\n')
  expect(fillTables(filled, new Map([['one', 'old']]))).toBe(page)
})

it('fillTables: reports a marker that the page lacks', () => {
  expect(() => fillTables('# A\n', new Map([['one', 'text']]))).toThrow("no marker 'table:one'")
})
