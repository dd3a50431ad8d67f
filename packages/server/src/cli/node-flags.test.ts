import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'

const read = (path: string): Promise<string> =>
  readFile(new URL(`../../../../${path}`, import.meta.url), 'utf8')

/** Node flags in the first line of cli.ts. */
const [firstLine = ''] = (await read('packages/server/src/cli.ts')).split('\n')
const flags = firstLine
  .split(' ')
  .filter(word => word.startsWith('--'))
  .join(' ')

it('Node flags: the script of a clone has the flags of cli.ts', async () => {
  expect(flags).not.toBe('')
  expect(await read('package.json')).toContain(`"node ${flags} packages/server/src/cli.ts"`)
})

it('Node flags: docs/server.md lists them', async () => {
  expect(await read('docs/server.md')).toContain(`\`${flags}\``)
})
