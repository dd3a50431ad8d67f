import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** A documentation page, as tests read it. */
export interface Page {
  readonly text: string
  /** Contents of the code blocks in a language. */
  blocks(language: string): string[]
  /** Rows of the first table after a line, as cells. */
  tableAfter(line: string): string[][]
  /** Rows of the table with this heading of the first column, as cells. */
  tableHeaded(heading: string): string[][]
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
      return rowsFrom(lines, lines.findIndex(isRow))
    },
    tableHeaded(heading) {
      const lines = text.split('\n')
      const start = lines.findIndex(
        (each, index) =>
          isRow(each) && toCells(each)[0] === heading && lines[index + 1]?.startsWith('| -'),
      )
      return start < 0 ? [] : rowsFrom(lines, start)
    },
  }
}

const isRow = (line: string): boolean => line.startsWith('|')

/** Rows of a table without its head, which starts at an index. */
function rowsFrom(lines: readonly string[], start: number): string[][] {
  const end = lines.findIndex((each, index) => index > start && !isRow(each))
  return lines.slice(start + 2, end < 0 ? undefined : end).map(toCells)
}

function toCells(row: string): string[] {
  return row
    .split('|')
    .slice(1, -1)
    .map(cell => cell.trim())
}

/** Names in backquotes in the first column of a table. */
export function namesIn(rows: readonly string[][]): string[] {
  return rows.flatMap(([cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  )
}

/** Names of the members of an interface, read from its source file. */
export async function membersOf(path: string, name: string): Promise<string[]> {
  const source = await readFile(join(root, path), 'utf8')
  const [, body = ''] = new RegExp(`interface ${name}[^{]*\\{\n([^]*?)\n\\}`).exec(source) ?? []
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].map(([, member = '']) => member)
}
