import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readPage } from './page.ts'

const page = await readPage('docs/security.md')
const folder = join(import.meta.dirname, '../../docs')

describe('docs/security.md', () => {
  it.each(['## Promises', '## Faults', '## Bad input'])(
    'names an existing test in each row under "%s"',
    async heading => {
      const rows = page.tableAfter(heading)
      expect(rows.length).toBeGreaterThan(10)
      for (const [subject, test = ''] of rows) {
        const [, name = '', path = ''] = /^\[([^\]]+)\]\((\S+)\)$/.exec(test) ?? []
        expect(name, subject).not.toBe('')
        const source = await readFile(join(folder, path), 'utf8')
        expect(source.includes(name), `${path}: ${name}`).toBe(true)
      }
    },
  )
})
