import { globSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import ts from 'typescript'
import { root } from './run.ts'

/** A file of the workspace that is written in TypeScript, or has parts that are. */
export interface Source {
  /** From the root of the workspace, with `/`. */
  readonly path: string
  /** Its TypeScript; of a Vue file, the script blocks, at the lines where they are. */
  readonly code: string
}

export interface Import {
  readonly specifier: string
  /** Where a relative specifier leads, from the root of the workspace. */
  readonly path?: string
  readonly line: number
}

const globs = [
  '*.ts',
  'scripts/**/*.ts',
  '{packages/*,playground,tests,bench}/*.ts',
  '{packages/*/{src,testing},playground,tests,bench}/**/*.{ts,vue}',
]

/** All sources of the workspace, in alphabetical order. */
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

/** Blanks out all of a Vue file but its scripts, so that lines keep their numbers. */
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

/** What a source imports, types and dynamic imports too. */
export function importsOf({ path, code }: Source): Import[] {
  return ts.preProcessFile(code, true, true).importedFiles.map(({ fileName, pos }) => {
    const specifier = fileName.replace(/\?.*$/, '')
    const line = code.slice(0, pos).split('\n').length
    if (!specifier.startsWith('.')) return { specifier, line }
    return { specifier, path: posix.join(posix.dirname(path), specifier), line }
  })
}
