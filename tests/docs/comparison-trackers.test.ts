import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readPage } from './page.ts'

const root = join(import.meta.dirname, '../..')
const page = await readPage('docs/comparison-trackers.md')
const rows = page.tableAfter('## Trackers')
const names = rows.map(([name]) => name)

async function readVersions(path: string): Promise<Map<string, string>> {
  const versions: Record<string, string> = JSON.parse(await readFile(join(root, path), 'utf8'))
  return new Map(Object.entries(versions))
}

describe('docs/comparison-trackers.md', () => {
  it('names the packages and versions that the script installs', async () => {
    const peers = await readVersions('bench/trackers/peers.json')
    const own = (await readVersions('packages/sdk/package.json')).get('version') ?? ''
    const named = new Map(rows.map(([, name = '', version = '']) => [name.slice(1, -1), version]))
    expect(named).toEqual(new Map([['@tidemark/sdk', own], ...peers]))
  })

  it.each(['## Size', '## Traffic', '## Losses'])(
    'has a row for each tracker and no empty cell under "%s"',
    heading => {
      const results = page.tableAfter(heading)
      expect(results.map(([name]) => name)).toEqual(names)
      for (const row of results) for (const cell of row) expect(cell).not.toBe('')
    },
  )

  it('shows counts of at most ten events under "## Losses"', () => {
    for (const [, ...cells] of page.tableAfter('## Losses'))
      for (const cell of cells)
        expect(cell).toMatch(/^(\*\*)?(\d|10)(, later (\d|10))?( \((\d|10) twice\))?\1?$/)
  })

  it('states the date and the browser of the measurement', () => {
    expect(page.text).toMatch(/Measured on \d{4}-\d\d-\d\d with Chromium [\d.]+ and Node [\d.]+\./)
  })
})
