import { globSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import ts from 'typescript'
import { root } from './run.ts'

/** A TypeScript or Vue file of the workspace. */
export interface Source {
  /** Path from the root of the workspace, with `/`. */
  readonly path: string
  /** TypeScript code. A Vue file has only its script blocks, at their original lines. */
  readonly code: string
}

export interface Import {
  readonly specifier: string
  /** Target of a relative specifier, as a path from the root of the workspace. */
  readonly path?: string
  readonly line: number
}

const globs = [
  '*.ts',
  'scripts/**/*.ts',
  '{packages/*,playground,tests,bench}/*.ts',
  '{packages/*/{src,testing},playground,tests,bench}/**/*.{ts,vue}',
]

/** Reads all sources of the workspace, in alphabetical order. */
export function readSources(): Source[] {
  const paths = globSync(globs, {
    cwd: root,
    exclude: path => /(^|[\\/])(node_modules|dist|\.tidemark)$/.test(path),
  })
  return [...new Set(paths)].toSorted().map(path => ({
    path: path.replaceAll('\\', '/'),
    code: codeOf(path, readFileSync(join(root, path), 'utf8')),
  }))
}

/** Returns the scripts of a Vue file and blanks out the rest, so that line numbers stay the same. */
export function codeOf(path: string, text: string): string {
  if (!path.endsWith('.vue')) return text
  const blank = (part: string): string => part.replaceAll(/[^\n]/g, '')
  let code = ''
  let end = 0
  for (const match of text.matchAll(/(<script\b[^>]*>)([\s\S]*?)<\/script>/g)) {
    const [, tag = '', script = ''] = match
    const start = match.index + tag.length
    code += blank(text.slice(end, start)) + script
    end = start + script.length
  }
  return code + blank(text.slice(end))
}

/** Lists the imports of a source, including type imports and dynamic imports. */
export function importsOf({ path, code }: Source): Import[] {
  return ts.preProcessFile(code, true, true).importedFiles.map(({ fileName, pos }) => {
    const specifier = fileName.replace(/\?.*$/, '')
    const line = code.slice(0, pos).split('\n').length
    if (!specifier.startsWith('.')) return { specifier, line }
    return { specifier, path: posix.join(posix.dirname(path), specifier), line }
  })
}
