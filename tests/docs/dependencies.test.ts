import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../../scripts/run.ts'
import { type Dependency, readDependencies } from './dependencies.ts'
import { readPage } from './page.ts'

const page = await readPage('docs/dependencies.md')
const { direct, indirect } = readDependencies()

/** Licenses that allow closed apps to include the package. */
const permissive = new Set([
  ...['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT'],
  'Unlicense',
])

const quoted = (name: string): string => `\`${name}\``

it('docs/dependencies.md: lists the declared dependencies with license, users and reason', () => {
  const rows = page.tableAfter('## Declared')
  expect(rows.map(cells => cells.slice(0, 3))).toEqual(
    direct.map(({ name, license, usedBy }) => [quoted(name), license, usedBy.join(', ')]),
  )
  for (const [name, , , reason = ''] of rows)
    expect([name, reason.length > 5]).toEqual([name, true])
})

it('docs/dependencies.md: lists the indirect dependencies by license', () => {
  const byLicense = Map.groupBy(indirect, ({ license }) => license)
  const namesOf = (group: readonly Dependency[]): string =>
    [...new Set(group.map(({ name }) => name))].toSorted().map(quoted).join(', ')
  expect(page.tableAfter('## Indirect')).toEqual(
    [...byLicense]
      .map(([license, group]) => [license, namesOf(group)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
})

it('Dependencies: have permissive licenses and no install scripts', () => {
  for (const { name, license, scripts } of [...direct, ...indirect]) {
    expect([name, license, permissive.has(license)]).toEqual([name, license, true])
    expect([name, scripts]).toEqual([name, []])
  }
})

it('docs/dependencies.md: names the license of the bundled map', () => {
  const path = join(root, 'packages/widgets/node_modules/world-atlas/package.json')
  const { license } = JSON.parse(readFileSync(path, 'utf8')) as { license: string }
  expect(page.text).toContain(`\`world-atlas\` (${license})`)
})
