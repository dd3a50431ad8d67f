import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** A page for users, as a test looks at it. */
export interface Page {
  readonly text: string
  /** The code blocks of a language. */
  blocks(language: string): string[]
  /** The rows of the first table after a line, as cells without their back-quotes. */
  tableAfter(line: string): string[][]
}

/** @param path from the root of the workspace */
export async function readPage(path: string): Promise<Page> {
  const text = await readFile(join(root, path), 'utf8')
  return {
    text,
    blocks: language =>
      [...text.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\n\`\`\``, 'g'))].map(
        ([, code = '']) => code,
      ),
    tableAfter(line) {
      const [, rest = ''] = text.split(`\n${line}\n`)
      const lines = rest.split('\n')
      const start = lines.findIndex(each => each.startsWith('|'))
      const end = lines.findIndex((each, at) => at > start && !each.startsWith('|'))
      return lines.slice(start + 2, end).map(toCells)
    },
  }
}

function toCells(row: string): string[] {
  return row
    .split('|')
    .slice(1, -1)
    .map(cell => cell.trim())
}

/** What stands in back-quotes in the first column of a table. */
export function namesIn(rows: readonly string[][]): string[] {
  return rows.flatMap(([cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  )
}

/** The members of an interface, as its source has them. */
export async function membersOf(path: string, name: string): Promise<string[]> {
  const source = await readFile(join(root, path), 'utf8')
  const [, body = ''] = new RegExp(`interface ${name}[^{]*\\{\n([^]*?)\n\\}`).exec(source) ?? []
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].map(([, member = '']) => member)
}
