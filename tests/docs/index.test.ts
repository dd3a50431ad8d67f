import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readPage } from './page.ts'

it('docs/README.md: has one line for each page', async () => {
  const names = readdirSync(join(import.meta.dirname, '../../docs'))
  const pages = names.filter(name => name.endsWith('.md') && name !== 'README.md')
  const { text } = await readPage('docs/README.md')
  const linked = [...text.matchAll(/^\| \[[^\]]+\]\(([\w-]+\.md)\)/gm)].map(([, name]) => name)
  expect(new Set(linked)).toEqual(new Set(pages))
  expect(linked).toHaveLength(pages.length)
})

it('README.md: links the index of the pages and has at most 130 lines', async () => {
  const { text } = await readPage('README.md')
  expect(text).toContain('](docs/README.md)')
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(130)
})
