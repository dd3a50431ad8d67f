import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'

const read = (path: string): Promise<string> =>
  readFile(new URL(`../../../../${path}`, import.meta.url), 'utf8')

/** The flags of Node that the first line of the command names. */
const [firstLine = ''] = (await read('packages/server/src/cli.ts')).split('\n')
const flags = firstLine
  .split(' ')
  .filter(word => word.startsWith('--'))
  .join(' ')

it('runs with the same flags from a clone as when it is installed', async () => {
  expect(flags).not.toBe('')
  expect(await read('package.json')).toContain(`"node ${flags} packages/server/src/cli.ts"`)
})

it('says in its docs what Node it runs with', async () => {
  expect(await read('docs/server.md')).toContain(`\`${flags}\``)
})
