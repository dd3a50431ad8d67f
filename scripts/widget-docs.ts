import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { format, resolveConfig } from 'prettier'
import { createChecker } from 'vue-component-meta'
import { root } from './run.ts'
import { commonInterfaces } from './widget-docs/members.ts'
import { type Marker, fillPage } from './widget-docs/page.ts'
import { problemsOf } from './widget-docs/problems.ts'
import { ApiReader } from './widget-docs/read-api.ts'
import { commonTable, componentSections, fieldTable, returnTable } from './widget-docs/tables.ts'

/**
 * Writes the tables and examples of the widgets' pages: props, slots and events from the sources, code blocks from the
 * example files. `--check` writes nothing and fails if a page is out of date or incomplete.
 */

const packageFolder = join(root, 'packages/widgets')
const examplesFolder = join(root, 'tests/widgets/examples')

/** Modules that users import. */
function entries(): string[] {
  const { exports } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {
    exports: Record<string, string>
  }
  return Object.values(exports)
    .filter(path => /^[^*]+\.ts$/.test(path))
    .map(path => join(packageFolder, path))
}

const reader = new ApiReader(
  createChecker(join(packageFolder, 'tsconfig.json'), { schema: false }),
  entries(),
)
const components = reader.components()
const examples = globSync('**/*.*', { cwd: examplesFolder })
  .map(path => path.replaceAll('\\', '/'))
  .filter(path => path !== 'env.d.ts')

const problems: string[] = []

/** Returns the text of a marked place; `undefined` if nothing has the marker's name. */
function textOf({ kind, name }: Marker): string | undefined {
  if (kind === 'example') {
    return examples.includes(name) ? readFileSync(join(examplesFolder, name), 'utf8') : undefined
  }
  if (kind === 'api') {
    const component = components.find(each => each.name === name)
    return component && componentSections(component)
  }
  if (kind === 'common' && (name === 'props' || name === 'slots')) {
    const members = reader.fields(commonInterfaces[name])
    return members && commonTable(name, members)
  }
  const fields = reader.fields(name)
  if (!fields) return undefined
  for (const field of fields.filter(({ description }) => description === '')) {
    problems.push(`${name}: the field ${field.name} has no description`)
  }
  return kind === 'returns' ? returnTable(fields) : fieldTable(fields)
}

const pages = new Map<string, string>()
const isCheck = process.argv.includes('--check')
for (const path of globSync(['docs/widgets.md', 'docs/widgets/*.md'], { cwd: root }).toSorted()) {
  const file = join(root, path)
  const page = readFileSync(file, 'utf8')
  const filled = fillPage(page, marker => {
    const text = textOf(marker)
    if (text === undefined) problems.push(`${path}: nothing is named ${marker.kind}:${marker.name}`)
    return text
  })
  const formatted = await format(filled, { ...(await resolveConfig(file)), filepath: file })
  pages.set(path.replaceAll('\\', '/'), formatted)
  if (page === formatted) continue
  if (isCheck) problems.push(`${path} is out of date: run node scripts/widget-docs.ts`)
  else writeFileSync(file, formatted)
}
problems.push(...problemsOf({ components, pages, examples }))

for (const problem of problems) console.log(problem)
console.log(
  `${components.length} components, ${pages.size} pages, ${examples.length} examples, ${problems.length} problems`,
)
process.exitCode = problems.length > 0 ? 1 : 0
