import process from 'node:process'
import ts from 'typescript'
import {
  importRules,
  impure,
  isForTests,
  pureFolders,
  strangers,
  testsMay,
} from './import-rules.ts'
import { type Import, type Source, importsOf, readSources } from './sources.ts'

/** Everything about imports, and about purity, that is not as `import-rules.ts` says; a line for each. */
export function findWrongImports(sources: readonly Source[]): string[] {
  const edges = new Map(sources.map(source => [source.path, importsOf(source)]))
  return [
    ...[...edges].flatMap(([path, imports]) => wrongWays(path, imports)),
    ...findCycles(edges).map(cycle => `${cycle.join(' imports ')}: a circle`),
    ...sources.flatMap(impurities),
  ]
}

const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(`${folder}/`)

function isAllowed({ specifier, path }: Import, allowed: string): boolean {
  const isBuiltin = specifier.startsWith('node:')
  if (allowed === 'node:') return isBuiltin
  if (allowed === '*') return !path && !isBuiltin && !isWithin(specifier, '@tidemark')
  return isWithin(path ?? specifier, allowed)
}

function wrongWays(path: string, imports: readonly Import[]): string[] {
  const rules = importRules.filter(rule => isWithin(path, rule.of))
  const apart = strangers.filter(files => files.includes(path)).flat()
  const test = isForTests(path) ? testsMay : []
  return imports.flatMap(each => {
    const says = (why: string): string =>
      `${path}:${each.line} imports ${each.path ?? each.specifier}, but ${why}`
    if (each.path && helpsTests(path, each.path)) return []
    const broken = rules.filter(
      ({ of, may }) => ![of, ...may, ...test].some(allowed => isAllowed(each, allowed)),
    )
    return [
      ...broken.map(rule => says(rule.why)),
      ...(each.path && apart.includes(each.path) ? [says('these know nothing of each other')] : []),
      ...(each.path && leaksTests(path, each.path) ? [says('that is for tests alone')] : []),
    ]
  })
}

const packageOf = (path: string): string => path.split('/').slice(0, 2).join('/')

/** Whether a test imports what its own package has for its tests. */
const helpsTests = (path: string, target: string): boolean =>
  isForTests(path) && isForTests(target) && packageOf(path) === packageOf(target)

/** Whether what is published imports what is not. */
const leaksTests = (path: string, target: string): boolean =>
  path.startsWith('packages/') && !isForTests(path) && isForTests(target)

/** Each circle once, as the files along it, the first one again at the end. */
function findCycles(edges: ReadonlyMap<string, readonly Import[]>): string[][] {
  const cycles: string[][] = []
  const done = new Set<string>()
  const trail: string[] = []
  const visit = (path: string): void => {
    if (trail.includes(path)) cycles.push([...trail.slice(trail.indexOf(path)), path])
    if (trail.includes(path) || done.has(path)) return
    trail.push(path)
    for (const each of edges.get(path) ?? []) if (each.path) visit(each.path)
    trail.pop()
    done.add(path)
  }
  for (const path of edges.keys()) visit(path)
  return cycles
}

/** Where a file that gets time and randomness handed in takes them from its surroundings all the same. */
function impurities({ path, code }: Source): string[] {
  if (isForTests(path) || !pureFolders.some(folder => isWithin(path, folder))) return []
  const file = ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true)
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    const name = nameOf(node)
    if (name !== undefined && impure.has(name)) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart())
      found.push(`${path}:${line + 1} names ${name}, but must be a function of what it is given`)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** `Date.now`, `fetch`, `new Date()`: a global as it is named, and not the member or key of another thing. */
function nameOf(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) return node.getText()
  if (ts.isNewExpression(node)) return node.arguments?.length ? undefined : node.getText()
  if (!ts.isIdentifier(node)) return undefined
  const { parent } = node
  const isOwnName =
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    ((ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent)) && parent.name === node) ||
    ((ts.isMethodSignature(parent) || ts.isMethodDeclaration(parent)) && parent.name === node)
  return isOwnName ? undefined : node.text
}

if (import.meta.main) {
  const sources = readSources()
  const wrong = findWrongImports(sources)
  for (const line of wrong) console.log(line)
  console.log(`${sources.length} files, ${wrong.length} wrong`)
  process.exitCode = wrong.length > 0 ? 1 : 0
}
