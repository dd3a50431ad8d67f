import { posix } from 'node:path'
import process from 'node:process'
import ts from 'typescript'
import {
  type ImportRule,
  importRules,
  impureGlobals,
  isTestOnly,
  packageSources,
  pureFolders,
  testImports,
  unrelatedFiles,
} from './import-rules.ts'
import { type Import, type Source, importsOf, readSources } from './sources.ts'

/** Returns one line for each import, cycle, missing rule and impure call that `import-rules.ts` forbids. */
export function findViolations(sources: readonly Source[]): string[] {
  const edges = new Map(sources.map(source => [source.path, importsOf(source)]))
  return [
    ...[...edges].flatMap(([path, imports]) => forbiddenImports(path, imports)),
    ...findCycles(fileGraph(edges)).map(cycle => `${cycle.join(' imports ')}: a cycle of files`),
    ...findCycles(folderGraph(edges)).map(
      cycle => `${cycle.join(' imports ')}: a cycle of folders`,
    ),
    ...foldersWithoutRule([...edges.keys()]).map(
      folder => `${folder} has no rule; add one to scripts/import-rules.ts`,
    ),
    ...sources.flatMap(impureCalls),
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

/** Whether a rule applies to a file. Tests are free of `onlyDirect` rules: they compare parts with one another. */
function applies({ folder, onlyDirect }: ImportRule, path: string): boolean {
  return onlyDirect ? posix.dirname(path) === folder && !isTestOnly(path) : isWithin(path, folder)
}

/** Whether an import stays within the rule's folder, which needs no mention in the rule. */
function isOwnFile({ folder, onlyDirect }: ImportRule, { path }: Import): boolean {
  if (path === undefined) return false
  return onlyDirect ? posix.dirname(path) === folder : isWithin(path, folder)
}

function forbiddenImports(path: string, imports: readonly Import[]): string[] {
  const rules = importRules.filter(rule => applies(rule, path))
  const unrelated = unrelatedFiles.filter(files => files.includes(path)).flat()
  const extra = isTestOnly(path) ? testImports : []
  return imports.flatMap(each => {
    const report = (reason: string): string =>
      `${path}:${each.line} imports ${each.path ?? each.specifier}, but ${reason}`
    if (each.path && isTestHelperOfSamePackage(path, each.path)) return []
    const broken = rules.filter(
      rule =>
        !isOwnFile(rule, each) &&
        ![...rule.allowed, ...extra].some(allowed => isAllowed(each, allowed)),
    )
    return [
      ...broken.map(rule => report(rule.reason)),
      ...(each.path && unrelated.includes(each.path)
        ? [report('these files must not know each other')]
        : []),
      ...(each.path && isTestLeak(path, each.path) ? [report('only tests may import it')] : []),
    ]
  })
}

const packageOf = (path: string): string => path.split('/').slice(0, 2).join('/')

/** Whether a test imports a test helper of its own package. */
const isTestHelperOfSamePackage = (path: string, target: string): boolean =>
  isTestOnly(path) && isTestOnly(target) && packageOf(path) === packageOf(target)

/** Whether published code imports a test helper. */
const isTestLeak = (path: string, target: string): boolean =>
  path.startsWith('packages/') && !isTestOnly(path) && isTestOnly(target)

type Graph = ReadonlyMap<string, ReadonlySet<string>>

function fileGraph(edges: ReadonlyMap<string, readonly Import[]>): Graph {
  return new Map(
    [...edges].map(([path, imports]) => [
      path,
      new Set(imports.flatMap(({ path: to }) => to ?? [])),
    ]),
  )
}

/**
 * The imports between folders, types included and tests left out. A folder that has folders of sources below it
 * would be in a cycle with them, so each of its direct files is a node of its own.
 */
function folderGraph(edges: ReadonlyMap<string, readonly Import[]>): Graph {
  const published = [...edges].filter(([path]) => !isTestOnly(path))
  const folders = new Set(published.map(([path]) => posix.dirname(path)))
  const nodeOf = (path: string): string => {
    const folder = posix.dirname(path)
    return [...folders].some(other => other.startsWith(`${folder}/`)) ? path : folder
  }
  const graph = new Map<string, Set<string>>()
  for (const [path, imports] of published) {
    const from = nodeOf(path)
    const targets = graph.get(from) ?? new Set()
    graph.set(from, targets)
    for (const { path: to } of imports) {
      if (to !== undefined && !isTestOnly(to) && nodeOf(to) !== from) targets.add(nodeOf(to))
    }
  }
  return graph
}

/** Each cycle once, as the nodes along it; the first node is repeated at the end. */
function findCycles(graph: Graph): string[][] {
  const cycles: string[][] = []
  const done = new Set<string>()
  const trail: string[] = []
  const visit = (node: string): void => {
    if (trail.includes(node)) cycles.push([...trail.slice(trail.indexOf(node)), node])
    if (trail.includes(node) || done.has(node)) return
    trail.push(node)
    for (const next of graph.get(node) ?? []) visit(next)
    trail.pop()
    done.add(node)
  }
  for (const node of graph.keys()) visit(node)
  return cycles
}

/** Folders of published sources that no `onlyDirect` rule names. */
function foldersWithoutRule(paths: readonly string[]): string[] {
  const folders = new Set(
    paths
      .filter(path => !isTestOnly(path) && packageSources.some(root => isWithin(path, root)))
      .map(path => posix.dirname(path)),
  )
  return [...folders].filter(folder => !importRules.some(rule => rule.folder === folder)).toSorted()
}

/** Places where a pure file reads the time, randomness or another global. */
function impureCalls({ path, code }: Source): string[] {
  if (isTestOnly(path) || !pureFolders.some(folder => isWithin(path, folder))) return []
  const file = ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true)
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    const name = globalNameOf(node)
    if (name !== undefined && impureGlobals.has(name)) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart())
      found.push(`${path}:${line + 1} uses ${name}, but this folder is pure: pass it in`)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** Returns the name of a global, such as `Date.now`, `fetch` or `new Date()`, but not a member or key of that name. */
function globalNameOf(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) return node.getText()
  if (ts.isNewExpression(node)) return node.arguments?.length ? undefined : node.getText()
  if (!ts.isIdentifier(node)) return undefined
  const { parent } = node
  const isMemberName =
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    ((ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent)) && parent.name === node) ||
    ((ts.isMethodSignature(parent) || ts.isMethodDeclaration(parent)) && parent.name === node)
  return isMemberName ? undefined : node.text
}

if (import.meta.main) {
  const sources = readSources()
  const violations = findViolations(sources)
  for (const line of violations) console.log(line)
  console.log(`${sources.length} files, ${violations.length} violations`)
  process.exitCode = violations.length > 0 ? 1 : 0
}
