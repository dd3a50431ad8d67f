import { expect, it } from 'vitest'
import { bareMember } from './members.ts'
import { componentSections, fieldTable, returnTable } from './tables.ts'

it('componentSections: renders own members as tables and common ones as a list', () => {
  const sections = componentSections({
    name: 'Gauge',
    props: [
      { ...bareMember('labelKey'), type: "'a' | 'b'", description: 'Key of\n the label.' },
      { ...bareMember('hideStatus'), type: 'boolean', isCommon: true },
    ],
    slots: [],
    emits: [{ ...bareMember('row-click'), type: 'row: Row', description: 'A click. Or a key.' }],
  })
  expect(sections).toBe(
    [
      '## Props\n',
      '| prop | type | default | description |',
      '| --- | --- | --- | --- |',
      "| `label-key` | `'a' \\| 'b'` |  | Key of the label |\n",
      '[Of all widgets](common.md#props): `hide-status`.\n',
      '## Emits\n',
      '| event | payload | description |',
      '| --- | --- | --- |',
      '| `row-click` | `row: Row` | A click. Or a key. |\n',
    ].join('\n'),
  )
})

it.each([
  ["'en'", "`'en'`"],
  ['10', '`10`'],
  ['10_000', '`10_000`'],
  ['config.pollIntervalMs', '`config.pollIntervalMs`'],
  ["['sse']", "`['sse']`"],
  ['none', 'none'],
  ['the `title` of the <page>', 'the `title` of the &lt;page>'],
  ["'a' for lists, 'b' for charts", "'a' for lists, 'b' for charts"],
])('fieldTable: shows the default %s as %s', (text, shown) => {
  const table = fieldTable([{ ...bareMember('a'), default: text, description: 'b' }])
  expect(table.split('\n')[2]).toBe(`| \`a\` |  | ${shown} | b |`)
})

it('returnTable: shows the value of a ref, with its type once', () => {
  const type = 'Readonly<Ref<number | undefined, number | undefined>>'
  const table = returnTable([{ ...bareMember('a'), type, description: 'b' }])
  expect(table.split('\n')[2]).toBe('| `a` | `number \\| undefined` | b |')
})
