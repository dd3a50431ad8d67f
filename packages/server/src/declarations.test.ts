import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'

/**
 * The published types are emitted file by file (`isolatedDeclarations`). An app that checks them needs the types of
 * every package that they import.
 */

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  dependencies: Record<string, string>
}

/** Returns the specifiers that the declarations of a file import. */
function importsOf(path: string): string[] {
  const source = readFileSync(path, 'utf8')
  const { outputText } = ts.transpileDeclaration(source, {
    compilerOptions: { isolatedDeclarations: true, declaration: true },
  })
  return ts.preProcessFile(outputText).importedFiles.map(({ fileName }) => fileName)
}

/** Returns the packages that the declarations of an entry import, also indirectly. */
function packagesOf(entry: string): Set<string> {
  const packages = new Set<string>()
  const files = new Set([entry])
  for (const file of files) {
    for (const name of importsOf(file)) {
      if (name.startsWith('.')) files.add(join(dirname(file), name))
      else packages.add(name.split('/', name.startsWith('@') ? 2 : 1).join('/'))
    }
  }
  return packages
}

/** Returns whether an installed package has types of its own. */
function hasTypes(name: string): boolean {
  const paths = createRequire(import.meta.filename).resolve.paths(name) ?? []
  const folder = paths.map(path => join(path, name)).find(path => existsSync(path))
  if (folder === undefined) throw new Error(`${name} is not installed.`)
  const text = readFileSync(join(folder, 'package.json'), 'utf8')
  return /"types"|"typings"|\.d\.[mc]?ts|"\.\/src\/index\.ts"/.test(text)
}

it('Declarations of the package: import packages that an install brings, with types', () => {
  const packages = packagesOf(join(import.meta.dirname, 'index.ts'))
  expect(packages).toContain('hono')
  for (const name of packages) {
    if (name.startsWith('node:')) continue
    expect(Object.keys(manifest.dependencies), 'declare it').toContain(name)
    const types = `@types/${name}`
    expect(hasTypes(name) || types in manifest.dependencies, `${name} has no types`).toBe(true)
  }
})
